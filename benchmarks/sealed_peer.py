"""Runs under the peer's own interpreter: encrypts predictions with fairlearn-fhe and computes two gaps over 4 groups.

Prints the CPU seconds of encrypting and of computing as JSON.
"""

import json
import sys
import time

import numpy as np
from fairlearn_fhe import build_context, encrypt
from fairlearn_fhe.metrics import demographic_parity_difference, equalized_odds_difference


def run(rows: int, seed: int) -> dict[str, float]:
    random = np.random.default_rng(seed)
    truth, decided = (random.integers(0, 2, rows) for _ in range(2))
    groups = random.choice(["a", "b", "c", "d"], rows)
    context = build_context()
    start = time.process_time()
    sealed = encrypt(context, decided)
    encrypted = time.process_time()
    demographic_parity_difference(truth, sealed, sensitive_features=groups)
    equalized_odds_difference(truth, sealed, sensitive_features=groups)
    return {"encrypt_s": encrypted - start, "evaluate_s": time.process_time() - encrypted}


print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]))))
