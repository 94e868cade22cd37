// The same in C++, where the headers must do as well.
#include "main.c"
