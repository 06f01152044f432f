"""Groups of people who behave alike, found without being told what to look for."""

from django.db import models


class Clustering(models.Model):
    """What is grouped by which features, how, and how fresh it is."""

    class Method(models.TextChoices):
        K_MEANS = "k_means", "K-Means"
        HDBSCAN = "hdbscan", "HDBSCAN"
        DBSCAN = "dbscan", "DBSCAN"
        HIERARCHICAL = "hierarchical", "Hierarchical"

    name = models.CharField(max_length=120, unique=True)
    method = models.CharField(max_length=12, choices=Method.choices, default=Method.K_MEANS)
    features = models.JSONField()
    """Names of scoring.columns."""
    population = models.JSONField(null=True)
    """The rule that says who is grouped; null for everybody with an event."""
    wanted = models.PositiveSmallIntegerField(null=True)
    """How many clusters; null: as many as the figures speak for."""
    schedule = models.CharField(max_length=100, default="40 3 * * 1")
    seed = models.PositiveIntegerField(default=1)
    parameters = models.JSONField(default=dict)
    """Scaling and centres, as plain numbers: whom a new person is nearest to."""
    quality = models.JSONField(default=dict)
    """Silhouette and Davies–Bouldin by number of clusters, stability since the run before, the dendrogram."""
    people = models.BigIntegerField(default=0)
    ran_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    last_job = models.ForeignKey(
        "common.Job", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    archived_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Cluster(models.Model):
    """One group. Its id stays the same from run to run while it is recognisably the same group."""

    clustering = models.ForeignKey(Clustering, on_delete=models.CASCADE, related_name="clusters")
    name = models.CharField(max_length=120)
    is_named_by_hand = models.BooleanField(default=False)
    size = models.BigIntegerField(default=0)
    says = models.TextField(blank=True)
    """What sets its people apart, in a sentence."""
    figures = models.JSONField(default=list)
    """Feature → mean here, mean of everybody, and by how many standard deviations they differ; strongest first."""
    is_gone = models.BooleanField(default=False)
    """Not found any more in the latest run."""

    class Meta:
        indexes = [models.Index(fields=["clustering", "-size"], name="cluster_by_size")]  # the clustering's page

    def __str__(self) -> str:
        return self.name


class ClusterMember(models.Model):
    pk = models.CompositePrimaryKey("profile_id", "clustering_id")
    profile_id = models.BigIntegerField()
    clustering_id = models.BigIntegerField()
    cluster_id = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "profile_id"], name="members_of_cluster")]  # rules, its page

    def __str__(self) -> str:
        return f"{self.profile_id} in {self.cluster_id}"
