"""What llmos changes on disk goes through here: written down before it is done, done in one step, undone whole.

For tools and for the sandbox, which commits the change set of a command the same way:

    with open_journal(place).begin(summary, call, place.now) as entry:
        entry.make_folder(path)
        entry.create(path, prepared)      # the file, link or folder at `prepared` becomes `path`, which is free
        entry.overwrite(path, prepared)   # ... in place of the file there, whose old version is kept
        entry.write(path, content)        # bytes, new or in place of a file that keeps its mode, owner and names
        entry.append(path, content)       # in place, at the end
        entry.copy(source, path)          # also folders; `replace=True` for one file in place of another
        entry.move(old, new)              # also across file systems; `replace=True` for a file in place of another
        entry.delete(path)                # to the desktop's trash
        entry.stow(path)                  # to the kept old versions, which have a quota
        entry.purge(path)                 # for good: cannot be undone
        entry.link(text, path)            # a symbolic link that says `text`
        entry.hard_link(target, path)
        entry.mode(path, 0o644)
        entry.owner(path, user, group)    # numbers, -1 leaves one as it is
        entry.times(path, accessed, modified)   # nanoseconds

        entry.compose(path, fill)         # `fill(there)` makes the new file at the path it is given
        with entry.making(path) as there: # ... step by step

One entry is one tool call and is undone as a whole. Every verb is done or has changed nothing, and raises ToolError
in the second case; the entry goes on. Paths are absolute and resolved: where a folder in them has become a link since,
the verb refuses. `seen=` takes a `Mark` from planning: what is another file by now is left alone. `keep=False` is for
an old version that is too large to be kept, which the plan has to say (Effect.DESTROY). `prepared` may be on another
file system; it is gone after success and untouched after failure. Thousands of operations: build them first
(`operations.py`), `entry.intend(them)` once, then `entry.do(one)` each; for `delete` it is `entry.foresee_deletes`.

Whatever happens to the process or the disk, the next `begin`, `undo` or `history` finishes or takes back what was cut
off (recovery.py). Which entry can be undone, and how, is undo.py.
"""
