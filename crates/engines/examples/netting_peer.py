"""The same obligations through OR-Tools' min-cost flow: python netting_peer.py obligations.csv

Arrays in, arrays out; reading the file and laying the arcs is not counted. One JSON line.
"""

import json
import sys
import time

import numpy as np
from ortools.graph.python import min_cost_flow

lines = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1, dtype=np.int64)
debtor, creditor, fen = lines[:, 0], lines[:, 1], lines[:, 2]
parties = int(max(debtor.max(), creditor.max())) + 1

start = time.perf_counter()
position = np.zeros(parties, dtype=np.int64)
np.add.at(position, creditor, fen)
np.subtract.at(position, debtor, fen)
adding = time.perf_counter() - start

owing, owed = np.flatnonzero(position < 0), np.flatnonzero(position > 0)
flow = min_cost_flow.SimpleMinCostFlow()
tails, heads = np.repeat(owing, len(owed)), np.tile(owed, len(owing))
flow.add_arcs_with_capacity_and_unit_cost(tails, heads, np.minimum(-position[tails], position[heads]), np.ones(len(tails), dtype=np.int64))
flow.set_nodes_supplies(np.arange(parties), -position)

start = time.perf_counter()
assert flow.solve() == flow.OPTIMAL
solving = time.perf_counter() - start
flows = flow.flows(np.arange(len(tails)))
print(json.dumps({"engine": "or-tools", "seconds": round(adding + solving, 4), "payments": int((flows > 0).sum()), "moved": int(flow.optimal_cost())}))
