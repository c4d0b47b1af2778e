"""Who may do what in which situation, written by hand from the design's section 2 and the field rules, sections 3 to 6.

Kept apart from ``dispatch.workflow``: the matrix tries every person with every verb in every situation and
compares with this. A line says ``verb  who may  | code: who is told so``; who sees the event and is not named gets
'not_permitted', who does not see it 'not_found', and a verb without a line is 'wrong_state' for everybody.

The event is the street's, normal, in the worker's grid, and the worker reported it. The fire station led it first and
returned it; the police lead it now, the city squad assists. The scope relations are people:

own grid            worker (the reporter), colleague, leader
own community       community, instructor
own street, desk    director, acceptor, dispatcher, verifier, chaser (the room's supervisor)
own street, other   elsewhere (a grid worker of another community)
other street        neighbour, next_worker, next_community, next_police
lead                police, police_head
assistant           city
former lead         fire
none                housing
district            centre, deployer (its dispatcher), supervisor, auditor, admin
"""

GRID = "worker colleague leader"
ACCEPTORS = "director acceptor"
DISPATCHERS = "director dispatcher"
WATCHERS = "director chaser centre supervisor"
ROOM = "director acceptor dispatcher verifier chaser"
POLICE = "police police_head"

COMMAND = "director acceptor dispatcher centre deployer"
"""Who accepts or dispatches in the room or the centre over the place."""

PEOPLE = (
    f"{GRID} community instructor {ROOM} elsewhere neighbour next_worker next_community next_police {POLICE} "
    "city fire housing centre deployer supervisor auditor admin"
)
OF_THE_AREA = f"{GRID} community instructor {ROOM} centre deployer supervisor auditor"
SEES = {"": OF_THE_AREA, "transfer": f"{OF_THE_AREA} neighbour"}
"""Who sees the event; beside these the lead and the assistants, who stay with it when it is closed."""
AT_WORK = f"{POLICE} city"
WITH_HANDLERS = {
    "dispatched", "handling", "extension asked", "hold asked", "in rework", "fed_back", "check due", "on_hold",
    "supervised", "in an incident", "closed",
}  # fmt: skip

EVERYWHERE = f"""
    comment             {ROOM} centre supervisor
    answer_reporter     {ACCEPTORS} | not_in_an_incident: dispatcher centre deployer
    leave_incident      | not_in_an_incident: {COMMAND}
"""
WHILE_OPEN = f"""
    {EVERYWHERE}
    force_close         centre
    void                centre
    urge                {WATCHERS}
    supervise           {WATCHERS}
    answer_supervision  | no_supervision_asked: director
    remind
    mark_overdue
    auto_escalate
    lapse
    recode
    recount
    join_incident       {COMMAND}
"""
WITH_A_LEAD = f"""
    {WHILE_OPEN}
    comment             {ROOM} centre supervisor {AT_WORK}
    answer_supervision  | no_supervision_asked: police_head | has_a_lead: director
"""
BEFORE_DISPATCH = f"""
    {WHILE_OPEN}
    self_close          {GRID} {ACCEPTORS}
    reject              {ACCEPTORS}
    merge               {ACCEPTORS}
    split               {ACCEPTORS}
    correct             {ACCEPTORS} | not_closed: centre
    transfer            {ACCEPTORS}
    accept_transfer
    refuse_transfer
    escalate            {ACCEPTORS}
"""
REPORTED = f"""
    {BEFORE_DISPATCH}
    route
    ask_check           {ACCEPTORS}
    answer_check        | no_check_asked: {GRID}
    accept              {ACCEPTORS} | not_critical: centre
    withdraw            worker
    auto_dispatch
    auto_merge
"""
ACCEPTED = f"""
    {BEFORE_DISPATCH}
    hand_down           {DISPATCHERS}
    dispatch            {DISPATCHERS}
    refuse_return       | no_return_asked: {DISPATCHERS}
"""
ORDERED = f"""
    {WITH_A_LEAD}
    escalate            {ACCEPTORS}
    recall              {DISPATCHERS}
    return              {POLICE}
    assist_sign         city
    assist_feed_back    | sign_first: city
    assist_decline      city
    hand_to             {POLICE} city
"""
HANDLING = f"""
    {ORDERED}
    feed_back           {POLICE}
    request_extension   {POLICE}
    decide_extension    | no_extension_asked: {DISPATCHERS}
    request_hold        {POLICE}
    hold                | no_hold_asked: centre
    refuse_hold         | no_hold_asked: centre
"""
FED_BACK = f"""
    {WITH_A_LEAD}
    escalate            {ACCEPTORS}
    verify              {GRID} | grid_checks_first: director verifier
    rework              {GRID} | grid_checks_first: director verifier
"""
CLOSED = f"""
    {EVERYWHERE}
    route
    confirm_sample
    refuse_sample
    correct             centre | closed: {ACCEPTORS}
    reopen              {WATCHERS} acceptor
    void                centre
    rate                worker
"""
ENDED = f"""
    {EVERYWHERE}
    restore             {WATCHERS} acceptor
    void                centre
"""

MAY = {
    "reported": REPORTED,
    "check asked": f"""
        {REPORTED}
        ask_check           | check_already_asked: {ACCEPTORS}
        answer_check        {GRID}
        withdraw            | desk_has_acted: worker
    """,
    "transfer asked": f"""
        {REPORTED}
        transfer            | transfer_already_asked: {ACCEPTORS}
        accept_transfer     neighbour
        refuse_transfer     neighbour
        withdraw            | desk_has_acted: worker
    """,
    "accepted": ACCEPTED,
    "returned": f"""
        {ACCEPTED}
        refuse_return       {DISPATCHERS}
    """,
    "handed down before": f"""
        {ACCEPTED}
        answer_supervision
        comment             community centre supervisor director chaser
        answer_reporter     community | not_in_an_incident: {COMMAND}
        urge                {WATCHERS} community
        supervise           {WATCHERS}
        self_close          {GRID} community
        reject              community
        merge               community
        split               community
        correct             community | not_closed: centre
        transfer            community
        escalate            community
        hand_down           | handed_down_before: community
        dispatch            community
        refuse_return       | no_return_asked: community
    """,
    "dispatched": f"""
        {ORDERED}
        sign                {POLICE}
    """,
    "handling": HANDLING,
    "extension asked": f"""
        {HANDLING}
        request_extension   | extended_before: {POLICE}
        decide_extension    {DISPATCHERS}
    """,
    "hold asked": f"""
        {HANDLING}
        request_hold        | hold_already_asked: {POLICE}
        hold                centre
        refuse_hold         centre
    """,
    "in rework": f"""
        {HANDLING}
        return              | in_rework: {POLICE}
        request_extension   | in_rework: {POLICE}
    """,
    "supervised": f"""
        {HANDLING}
        supervise           | supervision_already_asked: {WATCHERS}
        answer_supervision  police_head | has_a_lead: director
    """,
    "in an incident": f"""
        {HANDLING}
        answer_reporter     {COMMAND}
        join_incident       | in_an_incident: {COMMAND}
        leave_incident      {COMMAND}
    """,
    "fed_back": FED_BACK,
    "check due": f"""
        {FED_BACK}
        verify              {GRID} director verifier
        rework              {GRID} director verifier
    """,
    "on_hold": f"""
        {WITH_A_LEAD}
        request_hold        {POLICE}
        hold                | no_hold_asked: centre
        refuse_hold         | no_hold_asked: centre
        resume              centre {POLICE}
        auto_resume
    """,
    "closed": f"""
        {CLOSED}
        comment             {ROOM} centre supervisor {POLICE}
        confirm_sample
        refuse_sample
    """,
    "sample drawn": f"""
        {CLOSED}
        confirm_sample      leader
        refuse_sample       leader
    """,
    "rejected": ENDED,
    "merged": f"""
        {ENDED}
        route
    """,
    "void": EVERYWHERE,
}


def sees(situation: str) -> set[str]:
    return {
        *SEES["transfer" if situation == "transfer asked" else ""].split(),
        *(AT_WORK.split() if situation in WITH_HANDLERS else ()),
    }


def told(situation: str, verb: str, person: str) -> str:
    """'' when the move is allowed, else the code of the refusal."""
    if person not in sees(situation):
        return "not_found"
    lines = [line.strip() for line in MAY[situation].splitlines() if line.split()[:1] == [verb]]
    if not lines:
        return "wrong_state"
    allowed, *refused = lines[-1].removeprefix(verb).split("|")
    if person in allowed.split():
        return ""
    for entry in refused:
        code, people = entry.split(":")
        if person in people.split():
            return code.strip()
    return "not_permitted"
