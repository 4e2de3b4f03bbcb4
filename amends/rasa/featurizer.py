"""The sentence encoder, and pieces of words, as a part of Rasa's pipeline."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import HashingVectorizer

from amends.rasa.ahead import given
from amends.understanding.encoder import DIMENSIONS, load_encoder


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds the encoder's vector, and the pieces of its words, as the sentence feature of each message.

    Pieces of words see through typos. Both have length 1, so that a long message does not outweigh a short one;
    `scale` says how much they count before the classifier's penalty on large weights.
    """

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._encoder = load_encoder()
        self._pieces = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 4), n_features=1024, norm="l2")

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DenseFeaturizer.get_default_config(), "scale": 6.0}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Only `scale` can be set; Rasa has read it as a number."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        spoken = [message for message in messages if message.get(TEXT)]
        if spoken:
            texts = [message.get(TEXT).lower() for message in spoken]
            pieces = self._pieces.transform(texts).toarray()
            vectors = self._config["scale"] * np.hstack([self._encode(texts), pieces]).astype(np.float32)
            for message, vector in zip(spoken, vectors):
                features = Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"] or "sentence")
                message.add_features(features)
        return messages

    def _encode(self, texts: list[str]) -> Any:
        """The vectors of texts: those that the action server made, if it made them with the same encoder."""
        there = [given(text, self._encoder.version) for text in texts]
        if all(len(made) == 4 * DIMENSIONS for made in there):
            return np.stack([np.frombuffer(made, "<f4") for made in there])
        return self._encoder.encode(texts)
