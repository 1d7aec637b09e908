#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random mutants of sim/io_uring: does anybody notice?

    tests/mutate.py [SEED [NUMBER]]

Copies the tree to a scratch directory, and NUMBER times (100) changes one place
of sim/io_uring at random: a condition is negated, a statement dropped, an
operator exchanged, a constant made one more. What compiles is run: the traces
first, then the unit tests and random programs. One line for each; SURVIVED
means that nobody noticed, so either the mutant is no mistake or a test is
missing. Not a part of `./x test`: it takes some seconds a mutant.
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


def main():
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
