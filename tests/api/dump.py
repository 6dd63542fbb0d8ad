"""Everything that the database holds, to see that nothing has changed."""

from django.apps import apps

from mediation.models import StoredAnswer

KEPT = {StoredAnswer}  # a refusal may be stored, so that the same key gets it again


def everything():
    models = [m for name in ("cases", "mediation") for m in apps.get_app_config(name).get_models()]
    return {
        model.__name__: sorted(map(repr, model._base_manager.values_list()))
        for model in models
        if model not in KEPT
    }
