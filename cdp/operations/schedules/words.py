"""What each periodic job of cdp/celery.py is called and for, in plain words. A test holds the two lists together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """`stops`: what does not happen while it is paused. `is_vital`: it cannot be paused."""

    name: str
    what: str
    stops: str
    is_vital: bool = False


_CLEANING = "Nothing is lost: what is old stays longer and takes room."
_REVIVING = "Work whose worker died stays where it is until somebody starts it again."

WORDS: dict[str, Words] = {
    "accounts.forget_sessions": Words("Forget old sign-ins", "Deletes sessions of browsers that ran out.", _CLEANING),
    "pipeline.drain": Words(
        "Take in events",
        "Takes what sources sent out of the inbox and makes people, events and traits of it.",
        "Nothing that is sent would reach anybody's profile, and the inbox would fill until senders are refused.",
        is_vital=True,
    ),
    "events.fold_shapes": Words(
        "Count events by name",
        "Adds up how many events of each name came and which properties they had.",
        "Volumes and property lists stand still and are made up for later.",
    ),
    "events.make_partitions": Words(
        "Make room for coming months",
        "Makes the parts of the event table that the next months will need.",
        "Events of a new month would pile up in one place, and everything about them would become slow.",
        is_vital=True,
    ),
    "events.forget_seen": Words(
        "Forget old message ids", "Deletes ids of messages that came more than 30 days ago.", _CLEANING
    ),
    "connectors.revive_imports": Words("Go on with imports", "Starts again imports whose worker died.", _REVIVING),
    "identity.count_quality": Words(
        "Count the quality of identity",
        "Counts merges, shared values and what else the page of quality shows.",
        "The page of quality stands still, and no alarm is raised about far too many merges.",
    ),
    "identity.revive_rules": Words(
        "Go on with identity rules", "Starts again trials of rules that stopped.", _REVIVING
    ),
    "identity.match_waiting": Words(
        "Compare newcomers",
        "Looks whether people who are new or changed are like somebody who is known.",
        "Duplicates that only likeness shows are not found until it goes on, or until the night's pass.",
    ),
    "identity.match_nightly": Words(
        "Compare everybody",
        "Compares everybody with everybody by likeness, so that the order in which people came does not matter.",
        "Duplicates among people who did not change for long are not found.",
    ),
    "identity.close_answered": Words(
        "Close answered pairs",
        "Takes pairs out of the review of duplicates that were settled otherwise.",
        "Stewards are asked about pairs that need no answer any more.",
    ),
    "identity.revive_matching": Words("Go on with comparing", "Starts again comparisons that stopped.", _REVIVING),
    "identity.learn_from_decisions": Words(
        "Learn from stewards' decisions",
        "Weighs likeness by what stewards decided.",
        "Suggestions stay as good as they are.",
    ),
    "identity.revive_many": Words(
        "Go on with decisions on many", "Starts again bulk decisions that stopped.", _REVIVING
    ),
    "profiles.revive": Words(
        "Go on with changes of profiles", "Starts again rollbacks and changes of rules.", _REVIVING
    ),
    "analytics.refresh_stale": Words(
        "Compute changed traits",
        "Computes traits for everybody whose definition is new or changed.",
        "New and changed computed traits stay empty or old.",
    ),
    "analytics.publish_cuts": Words(
        "Measure boundaries of traits",
        "Finds, each night, where the best tenth and the other shares of people begin.",
        "Cells and percentiles are compared with the boundaries of an earlier night.",
    ),
    "analytics.count": Words(
        "Count people by trait",
        "Counts how many people have each computed trait.",
        "The counts on the page of computed traits stand still.",
    ),
    "segments.refresh": Words(
        "Follow segments",
        "Moves people in and out of live segments, for what they did and for the time that passed.",
        "Nobody enters or leaves a live segment, and campaigns that wait for that stay silent.",
    ),
    "segments.refresh_stale": Words(
        "Refresh changed segments",
        "Evaluates segments that are new, changed or failed, for everybody.",
        "New and changed segments stay empty or as they were.",
    ),
    "segments.refresh_due": Words(
        "Refresh scheduled segments",
        "Evaluates segments that follow hourly, daily or at times of their own.",
        "Scheduled segments stay as they are.",
    ),
    "segments.revive": Words("Go on with work on segments", "Starts again checks and uploads that stopped.", _REVIVING),
    "segments.forget_uploads": Words(
        "Forget unused uploads", "Deletes uploaded lists that nobody made a segment of in a week.", _CLEANING
    ),
    "segments.publish_cuts": Words(
        "Measure boundaries of segments",
        "Finds, each night, the boundaries among all people that rules compare with.",
        "Rules about the top of all people use the boundaries of an earlier night.",
    ),
    "segments.check_all": Words(
        "Check all segments",
        "Compares who is in each segment with what its rule gives, and puts right what differs.",
        "A fault in following would not be noticed.",
    ),
    "scoring.recommend": Words(
        "Make recommendations",
        "Starts the making of everybody's recommended products when it is due.",
        "Recommendations stay as they are.",
    ),
    "scoring.run_clusterings": Words(
        "Make clusters", "Starts groupings of people that are due.", "Clusters stay as they are."
    ),
    "scoring.watch_scores": Words(
        "Watch predictions",
        "Looks up what became of forecasts, and raises an alarm when a predictor is wrong more often than it was.",
        "A predictor that gets worse is not noticed.",
    ),
    "scoring.find_send_hours": Words(
        "Find best hours",
        "Finds, each night, the hour at which each person opens mails.",
        "Mails at the best hour go out at the hours known so far.",
    ),
    "scoring.work_due": Words(
        "Score and learn on schedule",
        "Scores everybody and trains predictors when their schedules say so.",
        "Scores grow old, and predictors learn nothing new.",
    ),
    "scoring.revive": Words("Go on with scoring", "Starts again scorings and trainings that stopped.", _REVIVING),
    "scoring.score_waiting": Words(
        "Score newcomers", "Scores people who are new.", "New people have no scores until the next full scoring."
    ),
    "scoring.score_later": Words(
        "Score merged people",
        "Scores people who were merged or parted, or came with a history.",
        "They have the scores of before, or none, until the next full scoring.",
    ),
    "events.keep_retention": Words(
        "Delete what is kept no longer",
        "Deletes events, clicks and what else is older than what you said how long it is kept.",
        "What should have gone by now is still there.",
    ),
    "events.revive_analysis": Words(
        "Go on with analysis exports", "Starts again exports whose worker died.", _REVIVING
    ),
    "privacy.revive": Words(
        "Go on with privacy requests",
        "Starts again copies and erasures whose worker died.",
        "Somebody who asked to be erased is still there until somebody starts it again.",
        is_vital=True,
    ),
    "privacy.tidy": Words("Tidy up after privacy requests", "Deletes copies of people that have expired.", _CLEANING),
    "campaigns.count_goals": Words(
        "Count goals",
        "Writes down how far each goal is, once a night.",
        "The course of a goal has a gap on these days.",
    ),
    "campaigns.trigger": Words(
        "Start triggered campaigns",
        "Begins campaigns for people for whom what they wait for has happened.",
        "Triggered mails are begun late, or not at all if their time passes.",
    ),
    "campaigns.send": Words(
        "Send messages",
        "Hands messages that are due to mail servers and providers.",
        "No campaign sends anything. What is due goes out late, or is skipped if its time passes.",
    ),
    "campaigns.decide_tests": Words(
        "Decide tests",
        "Names the winner of A/B tests whose time is up.",
        "People who wait for the winner get nothing.",
    ),
    "campaigns.plan_due": Words(
        "Plan campaigns",
        "Writes down who gets a campaign whose time has come.",
        "Scheduled and recurring campaigns do not begin.",
    ),
    "campaigns.settle_unknown": Words(
        "Settle unknown messages",
        "Takes back messages whose sending worker died, and names those that may have gone out.",
        "Messages of a worker that died would hang for ever, and their campaigns would not end.",
        is_vital=True,
    ),
    "campaigns.forget_rates": Words("Forget old send rates", "Deletes counters of limits per second.", _CLEANING),
    "campaigns.ask_to_confirm": Words(
        "Ask for confirmation",
        "Sends the mail of double opt-in to people who subscribed.",
        "People who subscribe wait for their confirmation mail.",
    ),
    "campaigns.revive_checks": Words(
        "Go on with checks", "Starts again whole-audience checks that stopped.", _REVIVING
    ),
    "campaigns.revive_codes": Words("Go on with code lists", "Starts again the reading of uploaded codes.", _REVIVING),
    "campaigns.forget_code_lists": Words("Forget read code lists", "Deletes uploads that were read.", _CLEANING),
    "campaigns.read_conversions": Words(
        "Credit orders to mails",
        "Finds the mail that an order or a click leads back to.",
        "Results of campaigns show no new orders until it goes on.",
    ),
    "campaigns.read_conversions_again": Words(
        "Credit orders anew",
        "Goes over recent orders again each night: clicks may have turned out to be a machine's.",
        "Results keep orders that should count otherwise.",
    ),
    "campaigns.judge_hits": Words(
        "Tell people from machines",
        "Judges opens and clicks once what came along with them is known.",
        "Opens and clicks do not show in results, and do not trigger anything.",
    ),
    "campaigns.post_webhooks": Words(
        "Tell other systems",
        "Posts news about people and mails to the webhooks.",
        "Other systems hear nothing; what waits is posted when it goes on.",
    ),
    "campaigns.forget_webhook_messages": Words(
        "Forget old webhook messages", "Deletes messages to other systems older than WEBHOOK_DAYS.", _CLEANING
    ),
    "campaigns.read_redemptions": Words(
        "Find redeemed codes",
        "Finds codes of ours that orders name.",
        "Codes that were used still show as unused.",
    ),
    "operations.take_sample": Words(
        "Take a sample of the system",
        "Notes each minute how long queues are, for the charts of the system page.",
        "The charts of the system page have a gap.",
    ),
    "operations.forget": Words(
        "Forget old samples", "Deletes samples, error counts and stopped processes that are old.", _CLEANING
    ),
    "operations.backup": Words(
        "Back up",
        "Writes database, files and keys of one moment to a folder, at BACKUP_AT.",
        "No new backup is made; the old ones stay.",
    ),
}
