from typing import NewType
from uuid import UUID

DetectorId = NewType("DetectorId", UUID)  # det_
RunId = NewType("RunId", UUID)  # run_
LabelBatchId = NewType("LabelBatchId", UUID)  # lbl_
PointId = NewType("PointId", UUID)  # pt_
