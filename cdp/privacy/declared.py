"""Where people may be in tables of the layers below, which cannot say so themselves."""

from datetime import datetime

from cdp.common.belongings import Person, Place
from cdp.common.models import Job
from cdp.privacy import addresses, export_person
from cdp.privacy.models import AnalysisExport
from cdp.privacy.quotes import Texts, place


def places() -> list[Place]:
    return [
        *addresses.places(),
        place(Texts("accounts_auditentry", plain=("target",), json=("details",)), label="Audit log"),
        place(
            Texts("common_job", plain=("title", "error"), json=("params", "result", "checkpoint")),
            label="Long work: titles, settings, results",
        ),
        Place("copies", "Copies of them that were made", _n_copies, _forget_copies, tables=("privacy_privacyrequest",)),
        Place("kept_keys", "Analysis exports whose key was kept", _n_kept, _forget_keys),
        *_others(),
    ]


def _others() -> list[Place]:
    of = {
        "profiles_profile": (("traits",), "Other people's traits that quote them"),
        "profiles_record": (("traits",), "Other people's records that quote them"),
        "profiles_saying": (("traits", "replaced"), "What sources said of others, quoting them"),
        "profiles_profilechange": (("old", "new"), "Other people's history that quotes them"),
    }
    return [
        Place(f"others:{table}", label, one.count, one.erase, tables=(table,), is_slow=True)
        for table, (columns, label) in of.items()
        for one in [place(Texts(table, json=columns), label=label)]
    ]


def _n_copies(person: Person) -> int:
    return len(export_person.of_people(person.profile_ids))


def _forget_copies(person: Person, now: datetime) -> int:
    return export_person.forget(export_person.of_people(person.profile_ids))


def _n_kept(person: Person) -> int:
    return (
        AnalysisExport.objects.filter(keeps_key=True, job__state=Job.State.DONE).exclude(sealed_key=None).count()
        if person.is_known
        else 0
    )


def _forget_keys(person: Person, now: datetime) -> int:
    """Without the key nobody can tell which of its people this was."""
    kept = AnalysisExport.objects.filter(keeps_key=True, job__state=Job.State.DONE).exclude(sealed_key=None)
    return kept.update(sealed_key=None) if person.is_known else 0
