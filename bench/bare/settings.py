from grid_platform.settings import *  # noqa: F403

ROOT_URLCONF = "bench.bare.urls"
