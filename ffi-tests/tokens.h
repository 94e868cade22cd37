/* Tokens and key sets for the tests of credentials, made once with keys that exist only here. They expire in the year 2100. */
#ifndef MSIPC_TEST_TOKENS_H
#define MSIPC_TEST_TOKENS_H

#define SHARED_KEYS \
    W("{\"keys\":[{\"kty\":\"oct\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}")
#define RSA_KEYS \
    W("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"use\":\"sig\",\"n\":\"xhdWa6nEj3YzC4R-wpkyBa2Tlvl6ZqSCQWHNON_t06sN0bcN-Oo") \
    W("tY0mhZOVs9As5BBLeqOGee2xYB4HgnkesjOE7kUVp5OYbAClYnZdOycRuwc62ef0yKa3VFKUIyLa1fHCwo-E7KlSPEggSQUfhzYC") \
    W("ajV7rEX_XaX4BcOTTPqxt1e_xilmRRsiz6ZjgcljJbpQINeB7vAndU1T7GwTMirysAdmbXIFhzSSyVTiCrP0cXWXJ5UrlNGg-HuI") \
    W("3Pjc8rkcd9xQlg94RYWE9tUy2qcqLHapvrDfNOkCZDhg-XnU5rVSvIOorlLSiimNh8q4n8XMAdgafw-Gz2p0xQ4Xgbw\",\"e\":\"AQ") \
    W("AB\"}]}")
#define TOKEN_BOB \
    W("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvIiwiYXVkIjoibXNpcGMtdGV") \
    W("zdHMiLCJleHAiOjQxMDI0NDQ4MDAsImVtYWlsIjoiYm9iQGNvbnRvc28uZXhhbXBsZSIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlfQ.") \
    W("v5uP5JvUgrTeaRVMlYFUP-_BnLlBrGJHmHdvWmkFcX0")
#define TOKEN_BOB_RSA \
    W("eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvIiwiYXVkIjoibXNpcGMtdGVzd") \
    W("HMiLCJleHAiOjQxMDI0NDQ4MDAsImVtYWlsIjoiYm9iQGNvbnRvc28uZXhhbXBsZSIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlfQ.Qt") \
    W("SJiBxvw2_K9AN0APmBgG-d98NDCrPLfvswZ8bcUqahdQJPCvtpE4Sos96dcdJPeEttA4NShU212WYI2rzHknYQIV3_lLk2NC4QIy") \
    W("fOywCgngnKQmO7_vgIMI7zvM_g6gPs9mfsqAnmb31YYgvEx3-RDZFO--TLTLpmSVKsVNSzRTo25kuIqjpJ0-aDH59QInH-m7jdn4") \
    W("riazP5cXckHAMxjWO4-jfNzfDHcPaTdhIwcp3c8w3B5H9o9g_FfAI2kTWBIIZNdAkaw_BSRN7M1x-7YbCy9ZobpTDhGsbSpE1GaI") \
    W("XZEXp4see4onE80bNUHpyp7fUhNxKSgtnzro9PtQ")
#define TOKEN_EXPIRED \
    W("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvIiwiYXVkIjoibXNpcGMtdGV") \
    W("zdHMiLCJleHAiOjEwMDAwMDAwMDAsImVtYWlsIjoiYm9iQGNvbnRvc28uZXhhbXBsZSIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlfQ.") \
    W("Te2W9ttYwJ_0hN0hlnEKP7wq9jYoMG27ZRyUaswRfiI")
#define TOKEN_NEVER_EXPIRES \
    W("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvIiwiYXVkIjoibXNpcGMtdGV") \
    W("zdHMiLCJlbWFpbCI6ImJvYkBjb250b3NvLmV4YW1wbGUiLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZX0.ombczxRYyMvp8BodwaCBDy_") \
    W("bbQ1U8L9KlTABESYWkdU")
#define TOKEN_OTHER_AUDIENCE \
    W("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvIiwiYXVkIjoib3RoZXIiLCJ") \
    W("leHAiOjQxMDI0NDQ4MDAsImVtYWlsIjoiYm9iQGNvbnRvc28uZXhhbXBsZSIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlfQ.UAgba75J") \
    W("SiNfcNh82HDMeLRWR9cYy249nIM9KNA6aC0")
#define TOKEN_OTHER_ISSUER \
    W("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2V2aWwuZXhhbXBsZS8iLCJhdWQiOiJtc2lwYy10ZXN") \
    W("0cyIsImV4cCI6NDEwMjQ0NDgwMCwiZW1haWwiOiJib2JAY29udG9zby5leGFtcGxlIiwiZW1haWxfdmVyaWZpZWQiOnRydWV9.vw") \
    W("Z7wG-7nqiNc3N_Ax6w1RQ0ZTDNEwysTnMWt7v9a68")
#define TOKEN_UNVERIFIED \
    W("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvIiwiYXVkIjoibXNpcGMtdGV") \
    W("zdHMiLCJleHAiOjQxMDI0NDQ4MDAsImVtYWlsIjoiYm9iQGNvbnRvc28uZXhhbXBsZSIsImVtYWlsX3ZlcmlmaWVkIjpmYWxzZX0") \
    W(".SQAiG0WbnYjkme0-yhcToW23aVs_Tanyk9BvPcqDVXY")
#define TOKEN_OTHER_DOMAIN \
    W("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvIiwiYXVkIjoibXNpcGMtdGV") \
    W("zdHMiLCJleHAiOjQxMDI0NDQ4MDAsImVtYWlsIjoiY2Fyb2xAZmFicmlrYW0uZXhhbXBsZSIsImVtYWlsX3ZlcmlmaWVkIjp0cnV") \
    W("lfQ.zEPDA_80rCxrj98fAUGc8JhmC55irFXBbqOE5E2wr88")
#define TOKEN_FORGED \
    W("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvIiwiYXVkIjoibXNpcGMtdGV") \
    W("zdHMiLCJleHAiOjQxMDI0NDQ4MDAsImVtYWlsIjoiYm9iQGNvbnRvc28uZXhhbXBsZSIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlfQ.") \
    W("v5uP5JvUgrTeaRVMlYFUP-_BnLlBrGJHmHdvWmkAAAA")
#define TOKEN_NONE \
    W("eyJhbGciOiAibm9uZSJ9.eyJpc3MiOiAiaHR0cHM6Ly9sb2dpbi5leGFtcGxlLyIsICJhdWQiOiAibXNpcGMtdGVzdHMiLCAiZXh") \
    W("wIjogNDEwMjQ0NDgwMCwgImVtYWlsIjogImJvYkBjb250b3NvLmV4YW1wbGUiLCAiZW1haWxfdmVyaWZpZWQiOiB0cnVlfQ.")

#endif
