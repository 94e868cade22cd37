// The same program, main() included, with 16-bit strings.
#include "test_hpp.cc"
