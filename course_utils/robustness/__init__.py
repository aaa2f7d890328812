"""How much of a model's accuracy is left when pictures go bad, cues change or somebody attacks."""

from .accuracy import Attack, accuracy, confident_mistakes
from .alarms import Alarm
from .answers import Answers, answers
from .corruptions import CORRUPTIONS, SEVERITIES, Corruption, corrupt
from .cues import CUES, cue_reliance, with_changed
from .errors import corruption_errors, mean_corruption_error
from .evaluate import evaluate
from .evaluation import Evaluation
from .groups import worst_group_accuracy

__all__ = [
    "CORRUPTIONS",
    "CUES",
    "SEVERITIES",
    "Alarm",
    "Answers",
    "Attack",
    "Corruption",
    "Evaluation",
    "accuracy",
    "answers",
    "confident_mistakes",
    "corrupt",
    "corruption_errors",
    "cue_reliance",
    "evaluate",
    "mean_corruption_error",
    "with_changed",
    "worst_group_accuracy",
]
