/* Nothing but a header: compiled with every warning as an error, once for each header and standard. */
#ifdef HEADER_BEFORE
#include HEADER_BEFORE
#endif
#ifndef HEADER
#define HEADER <msipc.h>
#endif
#include HEADER
#ifdef HEADER_AFTER
#include HEADER_AFTER
#endif

int strict_header(void);

int strict_header(void)
{
    return 0;
}
