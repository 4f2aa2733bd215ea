"""A small app on Slack's own Python SDK, run against a sandbox over Socket Mode.

Usage: bolt.py API_URL CHANNEL

It takes /ask, opens a modal, fills a select from the app, refuses a short answer, posts a card
and updates it when somebody presses its button. It prints one line for each step.
"""

import sys

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

api_url, channel = sys.argv[1], sys.argv[2]
client = WebClient(token="xoxb-sandbox", base_url=api_url + "/")
app = App(client=client, signing_secret="unused")


def step(*words):
    print(*words, flush=True)


def plain(text):
    return {"type": "plain_text", "text": text}


FORM = {
    "type": "modal",
    "callback_id": "ask",
    "title": plain("Ask"),
    "submit": plain("Send"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "what",
            "label": plain("What?"),
            "element": {"type": "external_select", "action_id": "what", "min_query_length": 0},
        },
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Why?"),
            "element": {"type": "plain_text_input", "action_id": "why", "multiline": True},
        },
    ],
}


@app.command("/ask")
def ask(ack, body, client):
    ack(f"you said {body['text']}")
    opened = client.views_open(trigger_id=body["trigger_id"], view=FORM)
    step("opened", opened["view"]["callback_id"])


@app.options("what")
def options(ack, payload):
    names = [name for name in ("orders-db", "billing-db", "kafka") if payload["value"] in name]
    ack(options=[{"text": plain(name.title()), "value": name} for name in names])
    step("offered", len(names))


@app.view("ask")
def submitted(ack, body, view, client):
    values = view["state"]["values"]
    why = values["why"]["why"]["value"]
    if len(why) < 10:
        ack(response_action="errors", errors={"why": "At least 10 characters."})
        step("refused", len(why))
        return
    ack()
    what = values["what"]["what"]["selected_option"]["value"]
    posted = client.chat_postMessage(
        channel=channel,
        text=f"{what} is wanted",
        blocks=[
            {"type": "header", "text": plain(f"{what} is wanted")},
            {"type": "section", "text": {"type": "mrkdwn", "text": f"<@{body['user']['id']}>: *{what}*"}},
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "action_id": "yes", "text": plain("Yes"), "value": what, "style": "primary"}
                ],
            },
        ],
    )
    step("posted", posted["channel"])


@app.view_closed("ask")
def closed(ack):
    ack()
    step("closed")


@app.action("yes")
def yes(ack, body, client, respond):
    ack()
    client.chat_update(
        channel=body["channel"]["id"],
        ts=body["message"]["ts"],
        text="Done",
        blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": f"Yes, says <@{body['user']['id']}>"}}],
    )
    client.chat_postMessage(channel=body["channel"]["id"], thread_ts=body["message"]["ts"], text="noted")
    respond("only you see this", replace_original=False)
    step("updated", body["actions"][0]["value"])


@app.shortcut("quick")
def quick(ack, shortcut):
    ack()
    step("shortcut", shortcut["user"]["id"])


@app.event("app_home_opened")
def home(event, client):
    client.views_publish(
        user_id=event["user"],
        view={"type": "home", "blocks": [{"type": "section", "text": plain("Welcome home")}]},
    )
    step("home", event["user"])


step("connecting")
SocketModeHandler(app, "xapp-sandbox").start()
