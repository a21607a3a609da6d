"""Amazon SNS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def connect_sns(service: LambdaService) -> None:
    """Reasons: moto's events have made-up topics, ids and times; a subscription that fails makes
    Publish fail, one to a web address is called from inside it; FIFO topics deliver a message
    twice and number none; nothing is redriven; filter policies are those of years ago; what is
    refused is so in words of its own, or fails (501).
    """
    from moto.sns.models import SNSBackend
    from moto.sns.responses import SNSResponse

    from helpers.localaws.triggers.sns import publishing, subscriptions, topics

    def publish(
        self: Any, message: str, arn: str | None, phone_number: str | None = None, **more: Any
    ) -> Any:
        if phone_number or ":endpoint/" in (arn or ""):
            return to_a_phone(self, message, arn, phone_number, **more)
        return publishing.publish(service, self, message, arn or "", **more)

    def publish_batch(
        self: Any, topic_arn: str, publish_batch_request_entries: list[dict[str, Any]]
    ) -> Any:
        return publishing.publish_batch(service, self, topic_arn, publish_batch_request_entries)

    def publish_response(self: Any) -> Any:
        answer = publish_call(self)
        result: Any = answer.result
        if sequence := getattr(result["MessageId"], "sequence", None):
            result["SequenceNumber"] = sequence
        return answer

    def subscribe(self: Any) -> Any:
        topic, protocol = self._get_param("TopicArn"), self._get_param("Protocol")
        endpoint, attributes = self._get_param("Endpoint"), self._get_attributes()
        subscriptions.check_new(self.backend, topic, protocol, endpoint or "", attributes)
        return subscribe_call(self)

    def create_topic(self: Any) -> Any:
        topics.check_attributes(self._get_attributes())
        return create_call(self)

    def set_topic_attributes(self: Any) -> Any:
        names = ("TopicArn", "AttributeName", "AttributeValue")
        topics.set_attributes(self.backend, *(self._get_param(name) for name in names))
        return set_call(self)

    def get_topic_attributes(self: Any) -> Any:
        answer = get_call(self)
        shown, arn = answer.result, self._get_param("TopicArn")
        shown["Attributes"] = topics.with_all_attributes(self.backend, arn, shown["Attributes"])
        return answer

    responses: Any = SNSResponse
    set_call, get_call = responses.set_topic_attributes, responses.get_topic_attributes
    create_call, responses.create_topic = responses.create_topic, create_topic
    responses.set_topic_attributes = set_topic_attributes
    responses.get_topic_attributes = get_topic_attributes
    SNSBackend._get_values_nexttoken = topics.page_at(SNSBackend._get_values_nexttoken)
    to_a_phone, SNSBackend.publish = SNSBackend.publish, publish
    SNSBackend.publish_batch = publish_batch
    SNSBackend.set_subscription_attributes = subscriptions.set_attribute
    SNSBackend.unsubscribe = subscriptions.remove
    SNSBackend.get_topic = topics.checked(SNSBackend.get_topic)
    SNSBackend.create_topic = topics.in_aws_words(SNSBackend.create_topic)
    read_attributes = publishing.read_attributes(SNSResponse._transform_message_attributes)
    SNSResponse._transform_message_attributes = read_attributes
    publish_call, SNSResponse.publish = SNSResponse.publish, publish_response
    subscribe_call, SNSResponse.subscribe = SNSResponse.subscribe, subscribe
