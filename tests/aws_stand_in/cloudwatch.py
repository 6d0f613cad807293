"""Alarms."""

from __future__ import annotations

from .resource_type import Properties, ResourceType, from_api, tag_list, tag_map, to_api
from .session import Aws

_MEMBERS = (
    "alarmDescription",
    "alarmActions",
    "okActions",
    "insufficientDataActions",
    "actionsEnabled",
    "comparisonOperator",
    "datapointsToAlarm",
    "evaluationPeriods",
    "metricName",
    "namespace",
    "period",
    "statistic",
    "threshold",
    "treatMissingData",
    "unit",
)
_NAMES = {"okActions": "OKActions"}


class MetricAlarm(ResourceType):
    """aws.cloudwatch.MetricAlarm, on one metric."""

    token = "aws:cloudwatch/metricAlarm:MetricAlarm"  # noqa: S105  # a type's name
    named = True
    tagged = True
    required = frozenset({"comparisonOperator", "evaluationPeriods"})
    defaults = {"actionsEnabled": True, "treatMissingData": "missing"}  # noqa: RUF012
    replaces = frozenset({"name", "region"})
    computed = frozenset({"arn"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        """PutMetricAlarm; the id is the name."""
        self._put(aws, inputs)
        return str(inputs["name"])

    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """DescribeAlarms."""
        cloudwatch = aws.client("cloudwatch", state)
        found = cloudwatch.describe_alarms(AlarmNames=[id_])["MetricAlarms"]
        if not found:
            return None
        arn = found[0]["AlarmArn"]
        shown = from_api(found[0])
        held = {key: shown[key] for key in _MEMBERS if key in shown}
        return {
            **held,
            "name": id_,
            "arn": arn,
            "dimensions": {item["Name"]: item["Value"] for item in found[0]["Dimensions"]},
            "tagsAll": tag_map(cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]),
        }

    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        """PutMetricAlarm again, and tags."""
        self._put(aws, news)
        if changed & {"tags", "tagsAll"}:
            cloudwatch = aws.client("cloudwatch", news)
            arn = cloudwatch.describe_alarms(AlarmNames=[id_])["MetricAlarms"][0]["AlarmArn"]
            held = tag_map(cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"])
            cloudwatch.untag_resource(ResourceARN=arn, TagKeys=list(held))
            cloudwatch.tag_resource(ResourceARN=arn, Tags=tag_list(self.all_tags(aws, news)))

    def delete(self, aws: Aws, id_: str, state: Properties) -> None:
        """DeleteAlarms."""
        aws.client("cloudwatch", state).delete_alarms(AlarmNames=[id_])

    def _put(self, aws: Aws, inputs: Properties) -> None:
        members = {key: inputs[key] for key in _MEMBERS if key in inputs}
        request = to_api({_NAMES.get(key, key): value for key, value in members.items()})
        dimensions = [
            {"Name": name, "Value": value} for name, value in inputs.get("dimensions", {}).items()
        ]
        tags = tag_list(self.all_tags(aws, inputs))
        aws.client("cloudwatch", inputs).put_metric_alarm(
            AlarmName=inputs["name"], Dimensions=dimensions, Tags=tags, **request
        )
