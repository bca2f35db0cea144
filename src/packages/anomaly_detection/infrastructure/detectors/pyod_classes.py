"""PyOD's classes: those offered as ``pyod:ClassName``, and those that are not, with the reason."""

from dataclasses import dataclass

from anomaly_detection.domain.algorithm import Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class PyodClass:
    """What PyOD's own code does not say about a class in ``pyod.models.<module>``."""

    name: str
    module: str
    title: str
    family: str
    paper: str
    cost: Cost = Cost.LINEAR
    batch_independent: bool = True  # some rank new rows together with the training rows
    saves: bool = True
    deep: bool = False  # needs torch
    brute: bool = False  # its search trees cannot be stored: it looks at every row instead
    most_rows: int | None = None  # where more would take minutes; it learns from a seeded sample
    remark: str = ""
    planted_first: float = 0.9


AGGARWAL = "Aggarwal, C. C. (2017). Outlier Analysis, 2nd edition. Springer."
GAAL = (
    "Liu, Y. et al. (2019). Generative adversarial active learning for unsupervised outlier detection. "
    "IEEE Transactions on Knowledge and Data Engineering 32(8), 1517-1528."
)

CLASSIC: tuple[PyodClass, ...] = (
    PyodClass(
        name="ABOD",
        module="abod",
        title="Angle-based outlier detection",
        family="angle",
        paper="Kriegel, H.-P., Schubert, M. and Zimek, A. (2008). Angle-based outlier detection in "
        "high-dimensional data. KDD, 444-452.",
        cost=Cost.QUADRATIC,
        brute=True,
    ),
    PyodClass(
        name="CBLOF",
        module="cblof",
        title="Cluster-based local outlier factor",
        family="cluster",
        paper="He, Z., Xu, X. and Deng, S. (2003). Discovering cluster-based local outliers. "
        "Pattern Recognition Letters 24(9-10), 1641-1650.",
    ),
    PyodClass(
        name="COPOD",
        module="copod",
        title="Copula-based outlier detection",
        family="probability",
        paper="Li, Z. et al. (2020). COPOD: copula-based outlier detection. ICDM, 1118-1123.",
        cost=Cost.LOG_LINEAR,
        batch_independent=False,
    ),
    PyodClass(
        name="ECOD",
        module="ecod",
        title="Empirical cumulative distribution outlier detection",
        family="probability",
        paper="Li, Z. et al. (2022). ECOD: unsupervised outlier detection using empirical cumulative "
        "distribution functions. IEEE Transactions on Knowledge and Data Engineering 35(12), 12181-12193.",
        cost=Cost.LOG_LINEAR,
        batch_independent=False,
        planted_first=0.6,
    ),
    PyodClass(
        name="GMM",
        module="gmm",
        title="Gaussian mixture model",
        family="probability",
        paper=AGGARWAL,
    ),
    PyodClass(
        name="HBOS",
        module="hbos",
        title="Histogram-based outlier score",
        family="probability",
        paper="Goldstein, M. and Dengel, A. (2012). Histogram-based outlier score (HBOS). KI, 59-63.",
        planted_first=0.8,
    ),
    PyodClass(
        name="HDBSCAN",
        module="hdbscan",
        title="Hierarchical density-based clustering (GLOSH)",
        family="cluster",
        paper="Campello, R. J. G. B. et al. (2015). Hierarchical density estimates for data clustering, "
        "visualization, and outlier detection. ACM TKDD 10(1), 1-51.",
        cost=Cost.QUADRATIC,
        saves=False,
        planted_first=0.7,
    ),
    PyodClass(
        name="IForest",
        module="iforest",
        title="Isolation forest",
        family="isolation",
        paper="Liu, F. T., Ting, K. M. and Zhou, Z.-H. (2008). Isolation forest. ICDM, 413-422.",
        saves=False,
    ),
    PyodClass(
        name="INNE",
        module="inne",
        title="Isolation by nearest-neighbour ensembles",
        family="isolation",
        paper="Bandaragoda, T. R. et al. (2018). Isolation-based anomaly detection using nearest-neighbor "
        "ensembles. Computational Intelligence 34(4), 968-998.",
        cost=Cost.QUADRATIC,
    ),
    PyodClass(
        name="KDE",
        module="kde",
        title="Kernel density estimation",
        family="density",
        paper="Latecki, L. J., Lazarevic, A. and Pokrajac, D. (2007). Outlier detection with kernel density "
        "functions. MLDM, 61-75.",
        cost=Cost.QUADRATIC,
        saves=False,
    ),
    PyodClass(
        name="KNN",
        module="knn",
        title="k nearest neighbours",
        family="distance",
        paper="Ramaswamy, S., Rastogi, R. and Shim, K. (2000). Efficient algorithms for mining outliers from "
        "large data sets. SIGMOD, 427-438.",
        cost=Cost.QUADRATIC,
        brute=True,
    ),
    PyodClass(
        name="KPCA",
        module="kpca",
        title="Kernel principal components",
        family="linear",
        paper="Hoffmann, H. (2007). Kernel PCA for novelty detection. Pattern Recognition 40(3), 863-874.",
        cost=Cost.QUADRATIC,
        most_rows=1_000,
    ),
    PyodClass(
        name="LODA",
        module="loda",
        title="Lightweight on-line detector of anomalies",
        family="projection",
        paper="Pevny, T. (2016). Loda: lightweight on-line detector of anomalies. Machine Learning 102(2), "
        "275-304.",
    ),
    PyodClass(
        name="LOF",
        module="lof",
        title="Local outlier factor",
        family="density",
        paper="Breunig, M. M. et al. (2000). LOF: identifying density-based local outliers. SIGMOD, 93-104.",
        cost=Cost.QUADRATIC,
        brute=True,
    ),
    PyodClass(
        name="MCD",
        module="mcd",
        title="Minimum covariance determinant",
        family="linear",
        paper="Rousseeuw, P. J. and Van Driessen, K. (1999). A fast algorithm for the minimum covariance "
        "determinant estimator. Technometrics 41(3), 212-223.",
        cost=Cost.QUADRATIC,
    ),
    PyodClass(
        name="OCSVM",
        module="ocsvm",
        title="One-class support vector machine",
        family="kernel",
        paper="Schoelkopf, B. et al. (2001). Estimating the support of a high-dimensional distribution. "
        "Neural Computation 13(7), 1443-1471.",
        cost=Cost.QUADRATIC,
        saves=False,
    ),
    PyodClass(
        name="PCA",
        module="pca",
        title="Principal components",
        family="linear",
        paper="Shyu, M.-L. et al. (2003). A novel anomaly detection scheme based on principal component "
        "classifier. IEEE Foundations and New Directions of Data Mining Workshop, 172-179.",
    ),
    PyodClass(
        name="QMCD",
        module="qmcd",
        title="Quasi-Monte Carlo discrepancy",
        family="probability",
        paper="Fang, K.-T. and Ma, C.-X. (2001). Wrap-around L2-discrepancy of random sampling, Latin "
        "hypercube and uniform designs. Journal of Complexity 17(4), 608-624.",
        cost=Cost.QUADRATIC,
        remark="Rows outside the training rows' range can rank as the most usual ones.",
        planted_first=0.0,
    ),
    PyodClass(
        name="ROD",
        module="rod",
        title="Rotation-based outlier detection",
        family="projection",
        paper="Almardeny, Y., Boujnah, N. and Cleary, F. (2020). A novel outlier detection method for "
        "multivariate data. IEEE Transactions on Knowledge and Data Engineering 34(9), 4052-4062.",
        cost=Cost.QUADRATIC,
        batch_independent=False,
        planted_first=0.8,
        most_rows=1_000,
    ),
    PyodClass(
        name="Sampling",
        module="sampling",
        title="Distance to a sample",
        family="distance",
        paper="Sugiyama, M. and Borgwardt, K. (2013). Rapid distance-based outlier detection via sampling. "
        "NIPS, 467-475.",
        saves=False,
    ),
)

DEEP: tuple[PyodClass, ...] = tuple(
    PyodClass(
        name=name,
        module=module,
        title=title,
        family="deep",
        paper=paper,
        cost=Cost.QUADRATIC,  # in rows it is linear, with a constant of milliseconds
        batch_independent=name not in ("ALAD", "DIF"),
        saves=False,
        deep=True,
        planted_first=0.0,  # as often as not they learn the outliers
    )
    for name, module, title, paper in (
        (
            "ALAD",
            "alad",
            "Adversarially learned anomaly detection",
            "Zenati, H. et al. (2018). Adversarially learned anomaly detection. ICDM, 727-736.",
        ),
        (
            "AnoGAN",
            "anogan",
            "Generative adversarial network (AnoGAN)",
            "Schlegl, T. et al. (2017). Unsupervised anomaly detection with generative adversarial networks to "
            "guide marker discovery. IPMI, 146-157.",
        ),
        ("AutoEncoder", "auto_encoder", "Autoencoder", AGGARWAL),
        (
            "DIF",
            "dif",
            "Deep isolation forest",
            "Xu, H. et al. (2023). Deep isolation forest for anomaly detection. IEEE Transactions on Knowledge "
            "and Data Engineering 35(12), 12591-12604.",
        ),
        (
            "DeepSVDD",
            "deep_svdd",
            "Deep support vector data description",
            "Ruff, L. et al. (2018). Deep one-class classification. ICML, 4393-4402.",
        ),
        (
            "LUNAR",
            "lunar",
            "Local outliers by graph neural networks",
            "Goodge, A. et al. (2022). LUNAR: unifying local outlier detection methods via graph neural "
            "networks. AAAI, 6737-6745.",
        ),
        ("MO_GAAL", "mo_gaal", "Multiple-objective generative adversarial active learning", GAAL),
        ("SO_GAAL", "so_gaal", "Single-objective generative adversarial active learning", GAAL),
        (
            "VAE",
            "vae",
            "Variational autoencoder",
            "Kingma, D. P. and Welling, M. (2014). Auto-encoding variational Bayes. ICLR.",
        ),
    )
)

OFFERED: dict[str, PyodClass] = {found.name: found for found in (*CLASSIC, *DEEP)}

GRAPH = "it works on graphs, not on tables."
SERIES = "it works on time series, not on tables."
SUPERVISED = "it needs labels."
TRANSDUCTIVE = "it cannot score a row alone, only the rows of one batch among each other."
EMBEDDING = "it works on text, images or several of them, through models that are downloaded."
OF_DETECTORS = "it combines detectors that are given as objects; use ensemble."
THRESHOLD = "it chooses thresholds for scores and makes none; use contamination, or leave it to auto."

REFUSED: dict[str, str] = {
    **dict.fromkeys(
        ("ANOMALOUS", "AnomalyDAE", "CoLA", "CONAD", "DOMINANT", "GUIDE", "Radar", "SCAN"), GRAPH
    ),
    **dict.fromkeys(
        (
            "AnomalyTransformer",
            "KShape",
            "LSTMAD",
            "MatrixProfile",
            "SAND",
            "SpectralResidual",
            "TimeSeriesOD",
        ),
        SERIES,
    ),
    **dict.fromkeys(("DevNet", "XGBOD"), SUPERVISED),
    **dict.fromkeys(("CD", "COF", "LMDD", "LOCI", "SOD", "SOS"), TRANSDUCTIVE),
    **dict.fromkeys(("EmbeddingOD", "MultiModalOD"), EMBEDDING),
    **dict.fromkeys(("LSCP", "SUOD"), OF_DETECTORS),
    "RGraph": "it solves the training problem anew for every ten rows, which takes minutes for a hundred.",
    "AE1SVM": "PyOD's code for it fails with the current NumPy; use autoencoder or one_class_svm.",
    "FeatureBagging": "it needs the package combo, which is no longer maintained; use ensemble.",
    "AudioAE": "it works on sound, not on tables.",
    "MAD": "it takes a single column; use modified_z_score.",
}
