"""The peer of indices_bench: numpy with blocked products, as a careful notebook does it.

    indices_peer.py make FOLDER          300 units by 80 indicators, from a seed, into values.csv
    indices_peer.py time FOLDER DRAWS    seconds of processor time for so many simulations
    indices_peer.py check FOLDER         bands of the simulations whose choices and weights are in weights.csv
"""
import json
import sys
import time

import numpy as np

what, folder = sys.argv[1:3]
UNITS, INDICATORS = 300, 80
if what == "make":
    r = np.random.Generator(np.random.PCG64(3))
    x = np.exp(r.normal(0, 0.7, (UNITS, INDICATORS)) + r.normal(0, 0.5, (UNITS, 1)))
    np.savetxt(f"{folder}/values.csv", x, delimiter=",", fmt="%.17g")
    sys.exit()
X = np.loadtxt(f"{folder}/values.csv", delimiter=",")
minmax = (X - X.min(0)) / (X.max(0) - X.min(0)) * 99 + 1
z = (X - X.mean(0)) / X.std(0, ddof=1) * 10 + 100
N = [minmax, z]
L = [np.log(minmax), np.log(z)]
sets = [N[0], L[0], N[1], L[1]]


def rank(y, out, rows):
    order = np.argsort(-y, axis=1, kind="stable")
    out[rows[:, None], order] = np.arange(UNITS)


def bands(ranks):
    return np.percentile(ranks, (5, 50, 95), axis=0)


def simulate(g, draws, size=500):
    out = np.empty((draws, UNITS), np.int32)
    for s in range(0, draws, size):
        m = min(size, draws - s)
        W = g.dirichlet(np.ones(INDICATORS), m)
        pick = g.integers(4, size=m)
        for p in range(4):
            i = np.nonzero(pick == p)[0]
            rank(W[i] @ sets[p].T, out, s + i)
    return bands(out)


if what == "time":
    draws, times = int(sys.argv[3]), []
    for _ in range(3):
        t = time.process_time()
        simulate(np.random.Generator(np.random.PCG64(5)), draws)
        times.append(time.process_time() - t)
    try:
        from threadpoolctl import threadpool_info
        kernel = [f"{i['internal_api']} {i.get('version')} {i.get('architecture')} x{i['num_threads']}" for i in threadpool_info()]
    except ImportError:
        kernel = []
    print(json.dumps(dict(s=sorted(times)[1], numpy=np.__version__, kernel=kernel)))
else:
    given = np.loadtxt(f"{folder}/weights.csv", delimiter=",")
    pick, W = given[:, 0].astype(int), given[:, 1:]
    out = np.empty((len(given), UNITS), np.int32)
    for p in range(4):
        i = np.nonzero(pick == p)[0]
        rank(W[i] @ sets[p].T, out, i)
    print(json.dumps((bands(out) + 1).round(9).tolist()))
