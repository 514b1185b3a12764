"""Tools for background jobs: start, list, stop, read what they print.

Other processes are in processes.py; commands that are waited for in shell.py.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, cast

from llmos.tools.arguments import Count
from llmos.tools.fields import Arguments, Field
from llmos.tools.tool import Tool
from llmos.translation import both
from llmos.values.messages import ItemKind, Outcome, ToolCall
from llmos.values.place import Place
from llmos.values.plans import Effect, Plan, Target
from llmos.values.table import Column, Table, Unit

if TYPE_CHECKING:
    from llmos.adapters.jobs import Job


class StartJobArguments(Arguments):
    command: str = Field(description="the command line to run in the background")


class ListJobsArguments(Arguments):
    pass


class StopJobArguments(Arguments):
    job: Count = Field(description="the number of the job")


class ReadJobArguments(Arguments):
    job: Count = Field(description="the number of the job")
    last: Count | None = Field(default=None, description="only the last so many lines")


class StartJob(Tool[StartJobArguments]):
    name = "start_job"
    description = "Run a command line in the background; it goes on after the conversation ends."
    arguments = StartJobArguments

    def plan(self, call: ToolCall, arguments: StartJobArguments, place: Place) -> Plan:
        from llmos.adapters import commands
        from llmos.sandbox import background, programs

        argv = [commands.shell(place.env), "-c", arguments.command]
        hosts = [Target(Effect.NETWORK, host) for host in programs.hosts(arguments.command)]
        return Plan(
            call=call,
            targets=(*hosts, Target(Effect.RUN, shlex.join(argv))),
            action=arguments.command,
            summary=both("start in the background: {described}").format(
                described=commands.described(arguments.command, place.env)
            ),
            level=background.level_of(place),
        )

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters import jobs
        from llmos.sandbox import background, confined

        network = any(target.effect is Effect.NETWORK for target in plan.targets)
        env = confined.environment(place, network)
        prefix = background.prefix(place, network)
        job = jobs.start(cast(str, plan.action), place.cwd, env, place.state, prefix)
        return Outcome(
            both("Started job {number}: {title}").format(number=job.number, title=jobs.title(job)),
            items=(str(job.number),),
            kind=ItemKind.JOB,
        )


class ListJobs(Tool[ListJobsArguments]):
    name = "list_jobs"
    description = "List the background jobs with their state."
    arguments = ListJobsArguments

    def plan(self, call: ToolCall, arguments: ListJobsArguments, place: Place) -> Plan:
        return Plan(call, (), summary=both("list the background jobs"))

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters import jobs

        found = jobs.all_jobs(place.state)
        table = Table(
            (Column("job"), Column("state"), Column("started", Unit.TIME), Column("command")),
            tuple((j.number, jobs.condition(j, place.state), j.started, jobs.title(j)) for j in found),
        )
        text = "" if found else both("There are no background jobs.")
        return Outcome(text, table, items=tuple(str(j.number) for j in found), kind=ItemKind.JOB)


class StopJob(Tool[StopJobArguments]):
    name = "stop_job"
    description = "Stop a background job with everything it started."
    arguments = StopJobArguments

    def plan(self, call: ToolCall, arguments: StopJobArguments, place: Place) -> Plan:
        from llmos.adapters import jobs

        job = jobs.find(arguments.job, place.state)
        running = jobs.identity(job)
        if running is None:
            raise jobs.not_running(job, place.state)
        return Plan(
            call=call,
            targets=(Target(Effect.SIGNAL, str(running)),),
            action=job,
            summary=both("stop job {number}: {title}").format(number=job.number, title=jobs.title(job)),
        )

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters import jobs

        job = cast("Job", plan.action)
        jobs.stop(job, place.state)
        return Outcome(
            both("Stopped job {number}: {title}").format(number=job.number, title=jobs.title(job)),
            items=(str(job.number),),
            kind=ItemKind.JOB,
        )


class ReadJob(Tool[ReadJobArguments]):
    name = "read_job"
    description = "Show what a background job has printed."
    arguments = ReadJobArguments

    def plan(self, call: ToolCall, arguments: ReadJobArguments, place: Place) -> Plan:
        from llmos.adapters import jobs

        job = jobs.find(arguments.job, place.state)
        return Plan(
            call,
            (),
            action=(job, arguments.last),
            summary=both("read what job {number} printed").format(number=job.number),
        )

    def run(self, plan: Plan, place: Place) -> Outcome:
        from llmos.adapters import jobs

        job, last = cast("tuple[Job, int | None]", plan.action)
        text, complete = jobs.output(job, place.state, last)
        return Outcome(
            text or f"Job {job.number} has printed nothing yet ({jobs.condition(job, place.state)}).",
            items=(str(job.number),),
            kind=ItemKind.JOB,
            more=None if complete else jobs.output_path(job, place.state),
        )
