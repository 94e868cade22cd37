/* The same program with 16-bit strings. */
#include "test_functions.c"
