"""The algorithms with code of our own."""

from anomaly_detection.domain.algorithm import Algorithm, Cost, Explains, Parameter, Scaling
from anomaly_detection.infrastructure.detectors.offer import Offer

DETECTORS = "anomaly_detection.infrastructure.detectors"

AGGREGATE = Parameter(
    "aggregate",
    "max",
    "How the scores of a row's features become its score: the largest of them, their mean or their sum.",
    choices=("max", "mean", "sum"),
)

Z_SCORE = Offer(
    Algorithm(
        name="z_score",
        title="Z-score",
        family="statistics",
        summary="Distance from the mean in standard deviations, feature by feature.",
        paper="Grubbs, F. E. (1969). Procedures for detecting outlying observations in samples. "
        "Technometrics 11(1), 1-21.",
        parameters=(AGGREGATE,),
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
        aliases=("zscore",),
    ),
    f"{DETECTORS}.z_score:ZScore",
)

MODIFIED_Z_SCORE = Offer(
    Algorithm(
        name="modified_z_score",
        title="Modified z-score",
        family="statistics",
        summary="Distance from the median in median absolute deviations, which outliers cannot inflate.",
        paper="Iglewicz, B. and Hoaglin, D. C. (1993). How to Detect and Handle Outliers. ASQC Quality Press.",
        parameters=(AGGREGATE,),
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
        aliases=("mad",),
    ),
    f"{DETECTORS}.modified_z_score:ModifiedZScore",
)

IQR = Offer(
    Algorithm(
        name="iqr",
        title="Interquartile range",
        family="statistics",
        summary="Distance from the middle half of the values in interquartile ranges (box plot fences).",
        paper="Tukey, J. W. (1977). Exploratory Data Analysis. Addison-Wesley.",
        parameters=(AGGREGATE,),
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
        aliases=("tukey",),
    ),
    f"{DETECTORS}.iqr:InterquartileRange",
)

ISOLATION_FOREST = Offer(
    Algorithm(
        name="isolation_forest",
        title="Isolation forest",
        family="trees",
        summary="Rows that few random cuts set apart from the others are anomalous.",
        paper="Liu, F. T., Ting, K. M. and Zhou, Z.-H. (2008). Isolation forest. IEEE International Conference on "
        "Data Mining, 413-422.",
        parameters=(
            Parameter("n_estimators", 100, "Trees; more make scores steadier.", low=1, high=10_000),
            Parameter(
                "max_samples",
                256,
                "Rows each tree is grown on; all of them where there are fewer.",
                low=2,
                high=16_384,
            ),
        ),
        explains=Explains.PATH,
        cost=Cost.LINEAR,
        aliases=("iforest",),
    ),
    f"{DETECTORS}.isolation_forest:IsolationForest",
)

HBOS = Offer(
    Algorithm(
        name="hbos",
        title="Histogram-based outlier score",
        family="probability",
        summary="Values in sparse bins of their feature's histogram are anomalous.",
        paper="Goldstein, M. and Dengel, A. (2012). Histogram-based outlier score (HBOS): a fast unsupervised anomaly "
        "detection algorithm. KI-2012 Poster and Demo Track, 59-63.",
        parameters=(
            Parameter("n_bins", 10, "Bins of equal width per feature.", low=2, high=1000),
            Parameter(
                "alpha", 0.1, "Added to every density, so that an empty bin stays finite.", low=1e-6, high=1.0
            ),
        ),
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
        scaling=Scaling.STANDARD,
        aliases=("histogram",),
    ),
    f"{DETECTORS}.hbos:Hbos",
)

ECOD = Offer(
    Algorithm(
        name="ecod",
        title="Empirical cumulative distribution outlier detection",
        family="probability",
        summary="Values far out in a tail of their feature's distribution are anomalous; no parameters.",
        paper="Li, Z., Zhao, Y., Hu, X., Botta, N., Ionescu, C. and Chen, G. H. (2022). ECOD: unsupervised outlier "
        "detection using empirical cumulative distribution functions. IEEE Transactions on Knowledge and Data "
        "Engineering 35(12), 12181-12193.",
        parameters=(),
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
    ),
    f"{DETECTORS}.ecod:Ecod",
)

COPOD = Offer(
    Algorithm(
        name="copod",
        title="Copula-based outlier detection",
        family="probability",
        summary="Values far out in the tail their feature is skewed to are anomalous; no parameters.",
        paper="Li, Z., Zhao, Y., Botta, N., Ionescu, C. and Hu, X. (2020). COPOD: copula-based outlier detection. IEEE "
        "International Conference on Data Mining, 1118-1123.",
        parameters=(),
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
    ),
    f"{DETECTORS}.copod:Copod",
)

SUBSAMPLED_KNN = Offer(
    Algorithm(
        name="subsampled_knn",
        title="Subsampled nearest neighbours",
        family="neighbours",
        summary="Rows far from the nearest of many small random samples are anomalous.",
        paper="Pang, G., Ting, K. M. and Albrecht, D. (2015). LeSiNN: detecting anomalies by identifying least similar "
        "nearest neighbours. IEEE ICDM Workshops, 623-630; Sugiyama, M. and Borgwardt, K. (2013). Rapid distance-based "
        "outlier detection via sampling. Advances in Neural Information Processing Systems 26.",
        parameters=(
            Parameter("n_draws", 30, "Samples; more make scores steadier.", low=1, high=1000),
            Parameter("draw_size", 64, "Rows in each sample.", low=2, high=4096),
            Parameter(
                "n_neighbors", 5, "Nearest rows of a sample whose mean distance counts.", low=1, high=512
            ),
        ),
        scores_are_distances=True,
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
        scaling=Scaling.ROBUST,
        aliases=("lesinn",),
    ),
    f"{DETECTORS}.subsampled_knn:SubsampledKnn",
)

KNN = Offer(
    Algorithm(
        name="knn",
        title="k nearest neighbours",
        family="neighbours",
        summary="Rows far from their nearest neighbours are anomalous.",
        paper="Ramaswamy, S., Rastogi, R. and Shim, K. (2000). Efficient algorithms for mining outliers from large data "
        "sets. ACM SIGMOD, 427-438; Angiulli, F. and Pizzuti, C. (2002). Fast outlier detection in high dimensional "
        "spaces. PKDD, 15-27.",
        parameters=(
            Parameter(
                "n_neighbors", 20, "Neighbours; all other rows where there are fewer.", low=1, high=1000
            ),
            Parameter(
                "method",
                "mean",
                "Which of the distances to them is the score.",
                choices=("mean", "median", "largest"),
            ),
        ),
        scores_are_distances=True,
        explains=Explains.EXACT,
        cost=Cost.LOG_LINEAR,
        scaling=Scaling.STANDARD,
    ),
    f"{DETECTORS}.knn:Knn",
)

LOF = Offer(
    Algorithm(
        name="lof",
        title="Local outlier factor",
        family="neighbours",
        summary="Rows in sparser places than their neighbours are anomalous.",
        paper="Breunig, M. M., Kriegel, H.-P., Ng, R. T. and Sander, J. (2000). LOF: identifying density-based local "
        "outliers. ACM SIGMOD, 93-104.",
        parameters=(
            Parameter(
                "n_neighbors", 20, "Neighbours; all other rows where there are fewer.", low=1, high=1000
            ),
        ),
        explains=Explains.EXACT,
        cost=Cost.LOG_LINEAR,
        scaling=Scaling.STANDARD,
    ),
    f"{DETECTORS}.lof:Lof",
)

AUTO = Offer(
    Algorithm(
        name="auto",
        title="Automatic",
        family="neighbours",
        summary="The default: distance to samples of the rows left when the most outlying are forgotten; nothing to set.",
        paper="Sugiyama and Borgwardt (2013) and Pang, Ting and Albrecht (2015) as for subsampled_knn; Rousseeuw, P. J. "
        "and Van Driessen, K. (1999). A fast algorithm for the minimum covariance determinant estimator. Technometrics "
        "41(3), 212-223, for the concentration step.",
        parameters=(),
        scores_are_distances=True,
        explains=Explains.EXACT,
        cost=Cost.LOG_LINEAR,
        scaling=Scaling.ROBUST,
    ),
    f"{DETECTORS}.auto:Auto",
)

OWN: tuple[Offer, ...] = (
    AUTO,
    ISOLATION_FOREST,
    SUBSAMPLED_KNN,
    KNN,
    LOF,
    HBOS,
    ECOD,
    COPOD,
    Z_SCORE,
    MODIFIED_Z_SCORE,
    IQR,
)
