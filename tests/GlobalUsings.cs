global using Nncc.IR;
