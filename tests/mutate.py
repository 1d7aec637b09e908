#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random mutants of sim/io_uring: does anybody notice?

    tests/mutate.py [SEED [NUMBER]]
    tests/mutate.py --all FILE[:FROM-TO]... -- TEST...
    tests/mutate.py --canon [FILE...]

Copies the tree to a scratch directory, and NUMBER times (100) changes one place
of sim/io_uring at random: a condition is negated, a statement dropped, an
operator exchanged, a constant made one more. What compiles is run: the traces
first, then the unit tests and random programs. One line for each; SURVIVED
means that nobody noticed, so either the mutant is no mistake or a test is
missing. Not a part of `./x test`: it takes some seconds a mutant.

--all takes every mutant of these lines in turn and runs only these tests
(targets of CMake, `unit-rules_timeout`). --canon puts 0 in the place of every field of
the canonical form, and leaves every number out; the test of all fields
(unit-canon_fields) has to notice.
"""
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SWAPS = [(' && ', ' || '), (' || ', ' && '), (' == ', ' != '), (' != ', ' == '), (' < ', ' <= '), (' > ', ' >= '),
         (' >= ', ' > '), (' <= ', ' < '), (' + ', ' - '), (' |= ', ' &= '), (' += ', ' -= '), ('++', '--'),
         ('true', 'false'), ('false', 'true')]
TRACES = ('{b}/groupbuf run --quiet --visible traces/conformance; '
          '{b}/groupbuf run --bare traces/tutorial traces/scenarios traces/defects traces/ublk traces/rules')


def mutants(line):
    """All mutants of a line, as (kind, new line)."""
    s = line.strip()
    # the catalogue's own code, events and the numbers of a reason's sentence are no rules
    if s.startswith(('/*', '*', '//', '#', 'static const', 'case', 'default', 'struct', 'const', 'return;', '(void)')):
        return []
    if 'GB_FAULT' in s or 'ack_early' in s or 'gb_emit' in s:
        return []
    out = []
    m = re.match(r'^(\s*)((?:} else )?if) \((.*)\)( \{)?$', line)
    if m:
        out.append(('negated', f'{m[1]}{m[2]} (!({m[3]})){m[4] or ""}'))
    if re.match(r'^\t+[a-z_>\-.\[\]&()*]+.*;$', line) and 'gb_why' not in line and \
            not re.match(r'^\t+(return|break|continue|struct|const|u?int\d+_t|bool|int|enum|static|unsigned)\b', line) and \
            (not re.match(r'^\t+(\w+ )?\*?\w+ = .*;$', line) or '->' in line.split('=')[0]):
        out.append(('dropped', '\t;'))
    for a, b in SWAPS:
        for i in re.finditer(re.escape(a), line):
            out.append(('swapped', line[:i.start()] + b + line[i.start() + len(a):]))
    m = re.match(r'^(\t+return )([^;]+);$', line)
    if m and m[2] not in ('true', 'false', 'ret', '0', 'NULL'):
        out.append(('returns 0', f'{m[1]}0;'))
    if 'gb_why' not in line:
        for m in re.finditer(r'\b([012])\b', line):
            out.append(('one more', line[:m.start()] + str(int(m[0]) + 1) + line[m.end():]))
    return [(kind, new) for kind, new in out if new != line]


def unwritten(line):
    """All mutants of a line of the canonical form."""
    s = line.strip()
    if s.startswith(('/*', '*', '//', '#', 'static', 'const struct', 'void', '_Static_assert', 'for (', 'while (',
                     'if (', 'return', 'case', 'uint')):
        return []
    out = []
    if re.match(r'^\t+(canon_put\w*|CANON_PUT_LIST|put_\w+|c->at = canon_word|at = canon_word)\b.*;$', line):
        out.append(('dropped', '\t;'))
    for m in re.finditer(r'\b\w+(?:\([^()]*\))?(?:(?:->|\.)\w+(?:\[\w+\])?)+(?!\w|\s*=[^=]|\(|->|\[)', line):
        if not re.match(r'(c->|state->link$|w->|at->)', m[0]) and m[0] != 'tw->batch':
            out.append(('as 0', line[:m.start()] + '0' + line[m.end():]))
    return out


def shell(command, cwd, seconds):
    """Exit code and output; the code is None if it does not end."""
    try:
        r = subprocess.run(command, shell=True, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           timeout=seconds, check=False)
        return r.returncode, r.stdout
    except subprocess.TimeoutExpired:
        return None, b''


def killer(src, build, base, tests):
    """Who notices; None if nobody does, '' if it does not compile."""
    if shell(f'ninja -C {build} groupbuf-cli', src, 300)[0]:
        return ''
    if shell(TRACES.format(b=build), src, 60) != base:
        return 'traces'
    if shell(f'ninja -C {build} {" ".join(tests)}', src, 900)[0]:
        return ''
    for test in tests:
        if shell(f'GB_RUNS=1500 {build}/tests/{test}', src, 200)[0]:
            return test
    return None


def copy_and_build(scratch, flags, tests):
    """A copy of the tree with its tests built: where it is, where it is built."""
    src, build = f'{scratch}/src', f'{scratch}/build'
    shutil.copytree(TOP, src, ignore=shutil.ignore_patterns('build', '.git'))
    code, said = shell(f'cmake -S . -B {build} -G Ninja {flags} -DGB_FAULTS=OFF && ninja -C {build} groupbuf-cli ' +
                       ' '.join(tests), src, 1800)
    if code:
        sys.exit(said.decode()[-2000:])
    return src, build


def lines_asked(src, asked):
    """FILE[:FROM-TO] as (file, number of a line from 0)."""
    for a in asked:
        name, _, span = a.partition(':')
        n = len(open(f'{src}/{name}', encoding='utf-8').read().split('\n'))
        first, _, last = (span or f'1-{n}').partition('-')
        for k in range(int(first) - 1, int(last or first)):
            yield name, k


def in_turn(asked, tests, kinds, flags):
    """Every mutant of some lines; tests notice or do not."""
    with tempfile.TemporaryDirectory(prefix='mutate-') as scratch:
        src, build = copy_and_build(scratch, flags, tests)
        done = survived = 0
        for name, k in lines_asked(src, asked):
            f = f'{src}/{name}'
            with open(f, encoding='utf-8') as old:
                lines = old.read().split('\n')
            for kind, new in kinds(lines[k]):
                with open(f, 'w', encoding='utf-8') as out:
                    out.write('\n'.join(lines[:k] + [new] + lines[k + 1:]))
                who = ''
                if not shell(f'ninja -C {build} {" ".join(tests)}', src, 900)[0]:
                    who = next((t for t in tests
                                if shell(f'GB_FIRST=1 GB_PROGRAMS=100 {build}/tests/{t}', src, 400)[0]), None)
                if who != '':
                    done += 1
                    survived += who is None
                    print(f'{done:3} {who or "SURVIVED"}: {name}:{k + 1} {kind}: {lines[k].strip()}  =>  {new.strip()}',
                          flush=True)
            with open(f, 'w', encoding='utf-8') as out:
                out.write('\n'.join(lines))
        print(f'{done} mutants, {survived} survived')


def main():
    if sys.argv[1:2] == ['--all']:
        end = sys.argv.index('--')
        in_turn(sys.argv[2:end], sys.argv[end + 1:], mutants, '-DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O1')
    elif sys.argv[1:2] == ['--canon']:
        files = sys.argv[2:] or [os.path.relpath(f, TOP) for f in sorted(glob.glob(f'{TOP}/sim/world/canon*.c'))]
        in_turn(files, ['unit-canon_fields'], unwritten, '-DCMAKE_BUILD_TYPE=Release')
    else:
        at_random()


def at_random():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix='mutate-') as scratch:
        src, build = f'{scratch}/src', f'{scratch}/build'
        shutil.copytree(TOP, src, ignore=shutil.ignore_patterns('build', '.git'))
        code, said = shell(f'cmake -S . -B {build} -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O1 '
                           f'-DGB_FAULTS=OFF && ninja -C {build} groupbuf-cli', src, 900)
        if code:
            sys.exit(said.decode()[-2000:])
        base = shell(TRACES.format(b=build), src, 60)
        tests = ['unit-' + os.path.basename(f)[5:-2] for g in ('rules', 'rings', 'files', 'cheatsheet', 'observe')
                 for f in sorted(glob.glob(f'{src}/tests/unit/test_{g}*.c'))] + ['property-smoke']
        # what fails anyhow notices nothing
        if shell(f'ninja -C {build} {" ".join(tests)}', src, 900)[0]:
            sys.exit('the tests cannot be built')
        tests = [t for t in tests if shell(f'GB_RUNS=1500 {build}/tests/{t}', src, 200)[0] == 0]
        files = sorted(glob.glob(f'{src}/sim/io_uring/*.c'))
        lines_of = {f: open(f, encoding='utf-8').read().split('\n') for f in files}
        done = survived = 0
        while done < number:
            f = chance.choices(files, [len(lines_of[x]) for x in files])[0]
            k = chance.randrange(len(lines_of[f]))
            some = mutants(lines_of[f][k])
            if not some:
                continue
            kind, new = chance.choice(some)
            with open(f, 'w', encoding='utf-8') as out:
                out.write('\n'.join(lines_of[f][:k] + [new] + lines_of[f][k + 1:]))
            who = killer(src, build, base, tests)
            with open(f, 'w', encoding='utf-8') as out:
                out.write('\n'.join(lines_of[f]))
            if who == '':
                continue
            done += 1
            survived += who is None
            print(f'{done:3} {who or "SURVIVED"}: {os.path.basename(f)}:{k + 1} {kind}: {lines_of[f][k].strip()}  =>  '
                  f'{new.strip()}', flush=True)
        print(f'{done} mutants, {survived} survived')


if __name__ == '__main__':
    main()
