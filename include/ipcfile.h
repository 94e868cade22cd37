#include "msipc.h" /* Everything is declared there; this name is for programs that include it. */
