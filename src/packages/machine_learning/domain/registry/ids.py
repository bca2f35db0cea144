from typing import NewType
from uuid import UUID

ModelId = NewType("ModelId", UUID)  # mdl_
ModelVersionId = NewType("ModelVersionId", UUID)  # mv_
TrainingRunId = NewType("TrainingRunId", UUID)  # trn_
EvaluationId = NewType("EvaluationId", UUID)  # evl_
