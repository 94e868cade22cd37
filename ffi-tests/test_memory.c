/* IpcFreeMemory and IpcCloseHandle: what is given back, what survives wrong use, and that nothing is handed out twice. */
#include "fixtures.h"

#include <stdint.h>

static void free_null(void)
{
    IpcFreeMemory(NULL);
    IpcFreeMemory(NULL);
}

static void free_twice(void)
{
    LPCWSTR text = NULL;
    REQUIRE_OK(IpcGetErrorMessageText(E_FAIL, 0, &text));
    IpcFreeMemory((LPVOID)text);
    IpcFreeMemory((LPVOID)text);
    IpcFreeMemory((LPVOID)text);
}

static void free_foreign(void)
{
    int local = 42;
    void *heap = malloc(64);
    static int global = 43;
    REQUIRE(heap != NULL);
    memset(heap, 7, 64);
    IpcFreeMemory(&local);
    IpcFreeMemory(&global);
    IpcFreeMemory(heap);
    IpcFreeMemory((LPVOID)(size_t)1);
    IpcFreeMemory((LPVOID)~(size_t)0);
    CHECK(local == 42 && global == 43 && ((char *)heap)[63] == 7);
    free(heap);
}

/* A pointer into a block is not the block. */
static void free_inside_a_block(void)
{
    PCIPC_TIL list = NULL;
    REQUIRE_OK(IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &list));
    REQUIRE(list->cTi > 0);
    IpcFreeMemory((LPVOID)list->aTi[0].wszName);
    IpcFreeMemory((BYTE *)list + 8);
    CHECK(list->cTi > 0 && wide_length(list->aTi[0].wszName) > 0);
    IpcFreeMemory((LPVOID)list);
}

static void free_a_handle_and_close_a_block(void)
{
    LPVOID value = NULL;
    IPC_LICENSE_HANDLE license;
    act_as(ALICE);
    license = scratch_license();
    IpcFreeMemory((LPVOID)license);
    REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_OWNER, 0, &value));
    CHECK_HR(IpcCloseHandle((IPC_HANDLE)value), E_HANDLE);
    CHECK_TEXT(((PIPC_USER)value)->wszID, ALICE);
    IpcFreeMemory(value);
}

/* A freed address is not handed out again at once, so that a late second free cannot hit somebody else's block. */
static void freed_address_rests(void)
{
    enum { LATER = 4000 };
    LPCWSTR first = NULL;
    int i, again = 0;
    REQUIRE_OK(IpcGetErrorMessageText(E_FAIL, 0, &first));
    IpcFreeMemory((LPVOID)first);
    for (i = 0; i < LATER; i++) {
        LPVOID number = NULL;
        REQUIRE_OK(IpcGetGlobalProperty(IPC_EI_API_MODE, &number));
        again += number == (LPVOID)first;
        IpcFreeMemory(number);
    }
    CHECK(again == 0);
}

static int lies_within(const void *part, const void *block, size_t room)
{
    return (uintptr_t)part >= (uintptr_t)block && (uintptr_t)part < (uintptr_t)block + room;
}

/* Structure, array and strings of an answer lie in one block, one behind the other. */
static void answers_are_one_block(void)
{
    static const Entry entries[] = {{BOB, "VIEW PRINT"}, {CAROL, "VIEW"}};
    Protected made = protect_with(0, entries, COUNT(entries));
    PIPC_USER_RIGHTS_LIST list = NULL;
    DWORD i, j;
    REQUIRE_OK(IpcGetSerializedLicenseProperty(made.license, IPC_LI_USER_RIGHTS_LIST, made.key, 0, (LPVOID *)&list));
    for (i = 0; i < list->cUserRights; i++) {
        const IPC_USER_RIGHTS *user = user_of(list, i);
        CHECK(lies_within(user->User.wszID, list, 8192));
        CHECK(user->cRights == 0 || lies_within(user->rgwszRights, list, 8192));
        for (j = 0; j < user->cRights; j++)
            CHECK(lies_within(user->rgwszRights[j], list, 8192));
    }
    CHECK(lies_within(made.license->pvBuffer, made.license, 4096));
    CHECK((uintptr_t)list % 8 == 0);
    IpcFreeMemory(list);
}

static void closed_number_stays_dead(void)
{
    IPC_LICENSE_HANDLE first;
    LPVOID value = NULL;
    int i;
    act_as(ALICE);
    first = scratch_license();
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)first));
    for (i = 0; i < rounds(2000); i++) {
        IPC_LICENSE_HANDLE next = scratch_license();
        REQUIRE(next != first);
        REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)next));
        harness.handle_count--;
    }
    CHECK_HR(IpcGetLicenseProperty(first, IPC_LI_OWNER, 0, &value), E_HANDLE);
    CHECK_HR(IpcCloseHandle((IPC_HANDLE)first), E_HANDLE);
}

static void many_live_blocks_are_distinct(void)
{
    enum { MANY = 3000 };
    static LPVOID blocks[MANY];
    int i, j, same = 0;
    for (i = 0; i < MANY; i++)
        REQUIRE_OK(IpcGetGlobalProperty(IPC_EI_API_MODE, &blocks[i]));
    for (i = 1; i < MANY; i++)
        same += blocks[i] == blocks[i - 1];
    for (i = 0; i < 100; i++)
        for (j = i + 1; j < MANY; j++)
            same += blocks[i] == blocks[j];
    CHECK(same == 0);
    for (i = 0; i < MANY; i++)
        CHECK(*(DWORD *)blocks[i] == IPC_API_MODE_CLIENT);
    for (i = MANY; i-- > 0;)
        IpcFreeMemory(blocks[i]);
}

int main(void)
{
    RUN(free_null);
    RUN(free_twice);
    RUN(free_foreign);
    RUN(free_inside_a_block);
    RUN(free_a_handle_and_close_a_block);
    RUN(freed_address_rests);
    RUN(answers_are_one_block);
    RUN(closed_number_stays_dead);
    RUN(many_live_blocks_are_distinct);
    return finish_tests();
}
