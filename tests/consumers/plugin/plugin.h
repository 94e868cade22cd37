/* What a shared library that has the static one inside gives its users: nothing of rights management. */
#ifndef PLUGIN_H
#define PLUGIN_H

/* Protects a text and opens it again; zero when it came back. */
int keep_minutes(void);

#endif
