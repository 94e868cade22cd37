/* The access list of a file: kept when the file is protected and when it is opened, whatever the folder's says. And whose
 * rights a call uses.
 */
#include "files.h"

#include <sddl.h>

/* The access list of a file as text, in one of four buffers that take turns. */
static const char *access_of(const char *path)
{
    static char buffers[4][1024];
    static unsigned turn;
    char *out = buffers[turn++ % 4];
    BYTE descriptor[4096];
    DWORD needed = 0;
    LPSTR text = NULL;
    REQUIRE(GetFileSecurityW(native_path(path), DACL_SECURITY_INFORMATION, descriptor, sizeof descriptor, &needed));
    REQUIRE(ConvertSecurityDescriptorToStringSecurityDescriptorA(descriptor, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text, NULL));
    snprintf(out, sizeof buffers[0], "%s", text);
    LocalFree(text);
    return out;
}

static void give_access(const char *path, const char *list)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    REQUIRE(ConvertStringSecurityDescriptorToSecurityDescriptorA(list, SDDL_REVISION_1, &descriptor, NULL));
    CHECK(SetFileSecurityW(native_path(path), DACL_SECURITY_INFORMATION, descriptor));
    LocalFree(descriptor);
}

/* The user that runs this, as text. */
static const char *own_sid(void)
{
    static char out[256];
    BYTE room[512];
    DWORD needed = 0;
    HANDLE token;
    LPSTR text = NULL;
    REQUIRE(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    REQUIRE(GetTokenInformation(token, TokenUser, room, sizeof room, &needed));
    CloseHandle(token);
    REQUIRE(ConvertSidToStringSidA(((TOKEN_USER *)room)->User.Sid, &text));
    snprintf(out, sizeof out, "%s", text);
    LocalFree(text);
    return out;
}

static void lists_are_kept(void)
{
    static const char *const paths[][2] = {{"a/plan.txt", "a/plan.ptxt"}, {"a/report.docx", "a/report.docx"}};
    char lists[2][512], before[1024];
    size_t count, i, j;
    const BYTE *document = real_document(&count);
    LPCWSTR told;
    act_as(ALICE);
    snprintf(lists[0], sizeof lists[0], "D:P(A;;FA;;;%s)", own_sid());
    snprintf(lists[1], sizeof lists[1], "D:P(A;;FA;;;%s)(A;;FR;;;WD)", own_sid());
    for (i = 0; i < COUNT(lists); i++)
        for (j = 0; j < COUNT(paths); j++) {
            fresh_folder("a");
            put_file(paths[j][0], document, count);
            give_access(paths[j][0], lists[i]);
            snprintf(before, sizeof before, "%s", access_of(paths[j][0]));
            CHECK((strstr(before, ";;;WD)") != NULL) == (i == 1));
            CHECK_HR(encrypt(paths[j][0], &told), S_OK);
            if (!CHECK(strcmp(access_of(paths[j][1]), before) == 0))
                printf("    %s, before %s\n", access_of(paths[j][1]), before);
            CHECK_HR(decrypt(paths[j][1], &told), S_OK);
            if (!CHECK(strcmp(access_of(paths[j][0]), before) == 0))
                printf("    %s, before %s\n", access_of(paths[j][0]), before);
            CHECK(holds(paths[j][0], document, count));
        }
}

/* Who hides a file does not want to see what takes its place. */
static void hidden_files_stay_hidden(void)
{
    size_t count;
    const BYTE *document = real_document(&count);
    LPCWSTR told;
    act_as(ALICE);
    fresh_folder("a");
    put_file("a/report.docx", document, count);
    REQUIRE(SetFileAttributesW(native_path("a/report.docx"), FILE_ATTRIBUTE_HIDDEN));
    if (!(GetFileAttributesW(native_path("a/report.docx")) & FILE_ATTRIBUTE_HIDDEN)) {
        REQUIRE(in_wine());
        puts("    this file system has no hidden files");
        return;
    }
    CHECK_HR(encrypt("a/report.docx", &told), S_OK);
    CHECK(GetFileAttributesW(native_path("a/report.docx")) & FILE_ATTRIBUTE_HIDDEN);
    CHECK_HR(decrypt("a/report.docx", &told), S_OK);
    CHECK(GetFileAttributesW(native_path("a/report.docx")) & FILE_ATTRIBUTE_HIDDEN);
    CHECK(holds("a/report.docx", document, count));
}

/* A thread that acts for somebody else never has the rights of the process: not even where nobody may know who that is. */
static void an_impersonating_thread_is_not_the_process(void)
{
    PCIPC_TIL templates = NULL;
    act_as(NULL);
    REQUIRE_OK(IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &templates));
    mine(templates);
    REQUIRE(ImpersonateSelf(SecurityImpersonation));
    CHECK_HR(IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &templates), S_OK);
    mine(templates);
    REQUIRE(RevertToSelf() && ImpersonateSelf(SecurityAnonymous));
    CHECK_HR(IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &templates), WIN32(ERROR_NOT_READY));
    CHECK(templates == NULL);
    CHECK(RevertToSelf());
    CHECK_HR(IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &templates), S_OK);
    mine(templates);
}

int main(void)
{
    RUN(lists_are_kept);
    RUN(hidden_files_stay_hidden);
    RUN(an_impersonating_thread_is_not_the_process);
    return finish_tests();
}
