"""Settings of Django for BottleCRM 0.9 on SQLite.

The package's own settings ask for PostgreSQL, Redis and mail. It was written for Django 3; what
Django has since renamed gets its old name here, before anything of the package is loaded.
"""

import os

from django import urls
from django.conf import urls as old_urls
from django.utils import encoding, translation

old_urls.url = urls.re_path
encoding.smart_text = encoding.smart_str
encoding.force_text = encoding.force_str
translation.ugettext = translation.gettext
translation.ugettext_lazy = translation.gettext_lazy

SECRET_KEY = "of a server that exists for one test, and knows invented people only"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "crm.urls"
# `logout/` among its pages, which are not used here.
SILENCED_SYSTEM_CHECKS = ["urls.E009"]
MEDIA_URL = "/media/"
USE_TZ = True
LOGGING = {"version": 1, "loggers": {"django": {"level": "CRITICAL"}}}

AUTH_USER_MODEL = "common.User"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["BOTTLECRM_DATABASE"],
        # Nothing has to survive the test.
        "OPTIONS": {"init_command": "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;"},
    }
}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "drf_yasg",
    "phonenumber_field",
    "common",
    "accounts",
    "cases",
    "contacts",
    "emails",
    "events",
    "invoices",
    "leads",
    "opportunity",
    "planner",
    "tasks",
    "teams",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
REST_FRAMEWORK = {
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 10,
}
