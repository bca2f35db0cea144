"""The algorithms of PyOD, scikit-learn and torch."""

from anomaly_detection.domain.algorithm import Algorithm, Cost, Explains, Parameter, Scaling
from anomaly_detection.infrastructure.detectors.offer import Offer
from anomaly_detection.infrastructure.detectors.pyod_entries import pyod_offer

DETECTORS = "anomaly_detection.infrastructure.detectors"

ONE_CLASS_SVM = Offer(
    Algorithm(
        name="one_class_svm",
        title="One-class support vector machine",
        family="kernel",
        summary="Distance outside a boundary that encloses most training rows, in a kernel's space.",
        paper="Schoelkopf, B., Platt, J. C., Shawe-Taylor, J., Smola, A. J. and Williamson, R. C. (2001). "
        "Estimating the support of a high-dimensional distribution. Neural Computation 13(7), 1443-1471.",
        parameters=(
            Parameter(
                "nu",
                0.5,
                "Upper bound on the share of training rows outside the boundary.",
                low=1e-3,
                high=1.0,
            ),
            Parameter("kernel", "rbf", "How alike two rows are.", choices=("rbf", "linear", "sigmoid")),
            Parameter(
                "gamma",
                None,
                "Width parameter of the rbf and sigmoid kernels; none: 1 / (features x variance).",
                low=1e-9,
                high=1e9,
            ),
        ),
        explains=Explains.ABLATION,
        cost=Cost.QUADRATIC,
        scaling=Scaling.STANDARD,
        aliases=("ocsvm",),
    ),
    f"{DETECTORS}.one_class_svm:OneClassSupportVectors",
)

PCA = Offer(
    Algorithm(
        name="pca",
        title="Principal components",
        family="linear",
        summary="Distance from the mean along the principal components, in units of each component's spread.",
        paper="Shyu, M.-L., Chen, S.-C., Sarinnapakorn, K. and Chang, L. (2003). A novel anomaly detection scheme "
        "based on principal component classifier. IEEE Foundations and New Directions of Data Mining Workshop, "
        "172-179.",
        parameters=(
            Parameter(
                "n_components",
                None,
                "How many components the score looks at, those of the widest spread first; none: all.",
                low=1,
                high=5000,
                whole=True,
            ),
        ),
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
        scaling=Scaling.STANDARD,
    ),
    f"{DETECTORS}.pca:PrincipalComponents",
)

MCD = Offer(
    Algorithm(
        name="mcd",
        title="Minimum covariance determinant",
        family="linear",
        summary="Mahalanobis distance from the half of the rows that lies closest together.",
        paper="Rousseeuw, P. J. and Van Driessen, K. (1999). A fast algorithm for the minimum covariance "
        "determinant estimator. Technometrics 41(3), 212-223.",
        parameters=(
            Parameter(
                "support_fraction",
                None,
                "Share of rows that the covariance comes from; none: the smallest that is safe, about half.",
                low=0.5,
                high=1.0,
            ),
        ),
        explains=Explains.EXACT,
        cost=Cost.QUADRATIC,
        scaling=Scaling.STANDARD,
    ),
    f"{DETECTORS}.mcd:MinimumCovarianceDeterminant",
)

CBLOF = Offer(
    Algorithm(
        name="cblof",
        title="Cluster-based local outlier factor",
        family="cluster",
        summary="Distance to the centre of the nearest large cluster (k-means).",
        paper="He, Z., Xu, X. and Deng, S. (2003). Discovering cluster-based local outliers. Pattern Recognition "
        "Letters 24(9-10), 1641-1650.",
        parameters=(
            Parameter("n_clusters", 8, "Clusters that k-means looks for.", low=2, high=1000),
            Parameter(
                "alpha", 0.9, "Share of the rows that the large clusters hold together.", low=0.5, high=1.0
            ),
            Parameter(
                "beta", 5.0, "How many times larger a large cluster is than a small one.", low=1.0, high=1e6
            ),
        ),
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
        scaling=Scaling.STANDARD,
    ),
    f"{DETECTORS}.cblof:ClusterBasedOutlierFactor",
)

INNE = Offer(
    Algorithm(
        name="inne",
        title="Isolation by nearest-neighbour ensembles",
        family="isolation",
        summary="How rarely the balls around small random samples cover the row.",
        paper="Bandaragoda, T. R., Ting, K. M., Albrecht, D., Liu, F. T., Zhu, Y. and Wells, J. R. (2018). "
        "Isolation-based anomaly detection using nearest-neighbor ensembles. Computational Intelligence 34(4), "
        "968-998.",
        parameters=(
            Parameter("n_estimators", 200, "Samples.", low=1, high=10_000),
            Parameter("max_samples", 8, "Rows in a sample.", low=2, high=1000),
        ),
        explains=Explains.ABLATION,
        cost=Cost.LOG_LINEAR,
        scaling=Scaling.STANDARD,
    ),
    f"{DETECTORS}.inne:NearestNeighbourEnsemble",
)

LODA = Offer(
    Algorithm(
        name="loda",
        title="Lightweight on-line detector of anomalies",
        family="projection",
        summary="How rare the row is in histograms of many random projections.",
        paper="Pevny, T. (2016). Loda: lightweight on-line detector of anomalies. Machine Learning 102(2), 275-304.",
        parameters=(
            Parameter(
                "n_bins",
                None,
                "Bins of each histogram; none: by the rule of Freedman and Diaconis.",
                low=2,
                high=1000,
                whole=True,
            ),
            Parameter("n_random_cuts", 100, "Projections.", low=1, high=10_000),
        ),
        explains=Explains.ABLATION,
        cost=Cost.LINEAR,
        scaling=Scaling.STANDARD,
    ),
    f"{DETECTORS}.loda:RandomHistograms",
)

GMM = Offer(
    Algorithm(
        name="gmm",
        title="Gaussian mixture",
        family="probability",
        summary="Negative log-likelihood under a mixture of Gaussians.",
        paper="Reynolds, D. A. (2009). Gaussian mixture models. Encyclopedia of Biometrics, 659-663. Springer.",
        parameters=(
            Parameter(
                "n_components",
                None,
                "Gaussians; none: 1 to 8, chosen by the Bayesian information criterion.",
                low=1,
                high=100,
                whole=True,
            ),
            Parameter(
                "covariance_type",
                "diag",
                "diag: features vary on their own within a Gaussian, and the explanation is exact; full: they vary "
                "together, and the explanation is by ablation.",
                choices=("diag", "full"),
            ),
        ),
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
        scaling=Scaling.STANDARD,
    ),
    f"{DETECTORS}.gmm:gaussian_mixture",
)

KDE = Offer(
    Algorithm(
        name="kde",
        title="Kernel density estimation",
        family="density",
        summary="Negative log-density under a Gaussian kernel on every training row.",
        paper="Parzen, E. (1962). On estimation of a probability density function and mode. Annals of "
        "Mathematical Statistics 33(3), 1065-1076.",
        parameters=(
            Parameter(
                "bandwidth",
                None,
                "Standard deviation of the kernel in standard deviations of the features; none: Scott's rule.",
                low=1e-3,
                high=1e3,
            ),
        ),
        explains=Explains.ABLATION,
        cost=Cost.QUADRATIC,
        scaling=Scaling.STANDARD,
    ),
    f"{DETECTORS}.kde:KernelDensity",
)

DBSCAN = Offer(
    Algorithm(
        name="dbscan",
        title="DBSCAN",
        family="cluster",
        summary="Distance to the nearest row inside a dense region, in units of eps; above 1 is noise.",
        paper="Ester, M., Kriegel, H.-P., Sander, J. and Xu, X. (1996). A density-based algorithm for discovering "
        "clusters in large spatial databases with noise. KDD, 226-231.",
        parameters=(
            Parameter(
                "eps",
                None,
                "Radius in standard deviations in which a row of a dense region has its neighbours; none: the knee "
                "of the sorted distances.",
                low=1e-9,
                high=1e9,
            ),
            Parameter("min_samples", 5, "Rows in that radius, the row itself included.", low=1, high=10_000),
        ),
        explains=Explains.EXACT,
        cost=Cost.QUADRATIC,
        scaling=Scaling.STANDARD,
    ),
    f"{DETECTORS}.dbscan:DensityReachability",
)

ENSEMBLE = Offer(
    Algorithm(
        name="ensemble",
        title="Ensemble",
        family="ensemble",
        summary="Several algorithms together, each by how rare its score is among the training rows' scores.",
        paper="Zimek, A., Campello, R. J. G. B. and Sander, J. (2014). Ensembles for unsupervised outlier detection: "
        "challenges and research questions. ACM SIGKDD Explorations 15(1), 11-22.",
        parameters=(
            Parameter(
                "members",
                "isolation_forest,subsampled_knn,hbos",
                "Names of the algorithms, separated by commas; each with its defaults.",
            ),
            Parameter(
                "combination",
                "mean",
                "mean: rows that are rare for all; max: rows that are rare for any.",
                choices=("mean", "max"),
            ),
        ),
        explains=Explains.PATH,
        cost=Cost.LINEAR,
    ),
    f"{DETECTORS}.ensemble:RankEnsemble",
)

NETWORK = (
    Parameter(
        "n_latent", None, "Latent numbers; none: half the features, at most 16.", low=1, high=1024, whole=True
    ),
    Parameter(
        "n_hidden",
        None,
        "Units of the hidden layers; none: twice the features, 8 to 128.",
        low=1,
        high=4096,
        whole=True,
    ),
    Parameter(
        "epochs",
        None,
        "Passes over the rows at most; none: about 3,000 steps.",
        low=1,
        high=100_000,
        whole=True,
    ),
    Parameter(
        "batch_size",
        None,
        "Rows per step; none: 32 to 1024, by their number.",
        low=1,
        high=1_000_000,
        whole=True,
    ),
    Parameter("learning_rate", 3e-3, "Step size of Adam.", low=1e-6, high=1.0),
)

AUTOENCODER = Offer(
    Algorithm(
        name="autoencoder",
        title="Autoencoder",
        family="deep",
        summary="Error of a row put together again from a few latent numbers.",
        paper="Hawkins, S., He, H., Williams, G. and Baxter, R. (2002). Outlier detection using replicator neural "
        "networks. DaWaK, 170-180.",
        parameters=NETWORK,
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
        scaling=Scaling.STANDARD,
        extra="deep",
    ),
    f"{DETECTORS}.autoencoder:Autoencoder",
)

VAE = Offer(
    Algorithm(
        name="vae",
        title="Variational autoencoder",
        family="deep",
        summary="How improbable a row is given what its latent distribution rebuilds.",
        paper="An, J. and Cho, S. (2015). Variational autoencoder based anomaly detection using reconstruction "
        "probability. Special Lecture on IE 2(1), 1-18.",
        parameters=NETWORK,
        explains=Explains.EXACT,
        cost=Cost.LINEAR,
        scaling=Scaling.STANDARD,
        extra="deep",
    ),
    f"{DETECTORS}.vae:VariationalAutoencoder",
)

__all__ = ["LIBRARY", "pyod_offer"]

LIBRARY: tuple[Offer, ...] = (
    ONE_CLASS_SVM,
    PCA,
    MCD,
    CBLOF,
    INNE,
    LODA,
    GMM,
    KDE,
    DBSCAN,
    ENSEMBLE,
    AUTOENCODER,
    VAE,
)
