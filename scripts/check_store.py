#!/usr/bin/env python3
"""Checks the database of a store from outside, after the processes that used it have ended.

  check_store.py DATABASE FOLDER

The database must be whole, and hold a document for every `R` line of the journals (`ffi-tests/soak.h`) in the folder.
"""
import glob
import os
import sqlite3
import sys


def registered(folder):
    for path in glob.glob(os.path.join(folder, "*.journal")):
        with open(path, encoding="ascii") as journal:
            yield from (line.split()[1] for line in journal if line.startswith("R "))


def main():
    database, folder = sys.argv[1:]
    connection = sqlite3.connect(database)
    faults = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    faults += ["a row refers to nothing: %s" % (row,) for row in connection.execute("PRAGMA foreign_key_check")]
    known = {row[0].lower() for row in connection.execute("SELECT content_id FROM documents")}
    faults += ["%s: its registration is lost" % content for content in registered(folder) if content.lower() not in known]
    connection.close()
    for fault in faults:
        print("    " + fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
