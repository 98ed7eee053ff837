"""Trains scikit-learn's BernoulliRBM: peer.py OUT HIDDEN ITERATIONS SEED < rows.

A row is a line of numbers from 0 to 1, separated by commas. OUT is an NPZ file that gets the
attributes of the model.
"""

import sys

import numpy
from sklearn.neural_network import BernoulliRBM

out, hidden, iterations, seed = sys.argv[1], *map(int, sys.argv[2:])
rows = numpy.loadtxt(sys.stdin, delimiter=",", ndmin=2)
model = BernoulliRBM(n_components=hidden, n_iter=iterations, random_state=seed).fit(rows)
numpy.savez(
    out,
    components_=model.components_,
    intercept_visible_=model.intercept_visible_,
    intercept_hidden_=model.intercept_hidden_,
)
