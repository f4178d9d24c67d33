"""Creates a BottleCRM with one user and the contacts of a JSON file, and serves it.

    BOTTLECRM_DATABASE=data.sqlite3 python serve.py 127.0.0.1:8000 contacts.json
"""

import json
import os
import sys

import django
from django.core.management import call_command
from django.db import transaction
from django.db.models import CharField, Value

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from common.models import User  # noqa: E402, the models exist after `setup`
from contacts.models import Contact  # noqa: E402


def seed(seeds):
    user = User(username="cti", email=seeds["user"], role="ADMIN")
    user.set_password(seeds["password"])
    user.save()
    for seed in seeds["contacts"]:
        contact = Contact.objects.create(
            first_name=seed["first_name"],
            last_name=seed["last_name"],
            email=seed["email"],
            description=seed["company"],
            created_by=user,
        )
        # As an import past the form writes it: the field itself would keep one spelling only.
        phone = Value(seed["phone"], output_field=CharField())
        Contact.objects.filter(pk=contact.pk).update(phone=phone)


address, file = sys.argv[1:]
call_command("migrate", verbosity=0)
with open(file, encoding="utf-8") as seeds, transaction.atomic():
    seed(json.load(seeds))
call_command("runserver", address, use_reloader=False, skip_checks=True)
