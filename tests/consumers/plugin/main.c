/* A program that links the shared library and knows nothing of what is inside. */
#include "plugin.h"

#include <stdio.h>

int main(void)
{
    int failed = keep_minutes();
    printf("came back: %s\n", failed ? "no" : "yes");
    return failed;
}
