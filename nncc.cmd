@echo off
rem Starts the command line of nncc; builds it first (Release) when a source is newer than the last good build.
setlocal
set "root=%~dp0"
set "program=%root%src\Cli\bin\Release\net10.0\nncc.dll"
set "stamp=%root%src\Cli\bin\Release\built"
set "log=%root%src\Cli\bin\Release\build.log"
if not exist "%program%" goto build
if not exist "%stamp%" goto build
powershell -NoProfile -Command "$t = (Get-Item -LiteralPath $env:stamp).LastWriteTimeUtc; $p = @('src','rules','Directory.Build.props','Directory.Packages.props','global.json') | ForEach-Object { Join-Path $env:root $_ } | Where-Object { Test-Path -LiteralPath $_ }; if (Get-ChildItem -LiteralPath $p -Recurse -File | Where-Object { $_.FullName -notmatch '\\(bin|obj)\\' -and $_.LastWriteTimeUtc -gt $t } | Select-Object -First 1) { exit 1 }"
if errorlevel 1 goto build
goto start
:build
if not exist "%root%src\Cli\bin\Release" mkdir "%root%src\Cli\bin\Release"
type nul > "%stamp%.new"
dotnet build "%root%src\Cli\Nncc.Cli.csproj" -c Release -v q --nologo -nodeReuse:false -p:UseSharedCompilation=false > "%log%" 2>&1
if errorlevel 1 (
  type "%log%" 1>&2
  echo nncc: its own build failed, see above 1>&2
  exit /b 70
)
move /y "%stamp%.new" "%stamp%" > nul
:start
dotnet "%program%" %*
exit /b %errorlevel%
