// WeCom's official client of AI bots, as orders tell it to: JSON lines on stdin; on stdout one line
// for each order that is finished, and one for everything that the client hears.
//
// {"do": "connect", "url", "bot", "secret"}
// {"id", "do": "stream", "frame", "stream", "content", "finish"}  an answer to a message
// {"id", "do": "push", "chat", "body"}                            a message of its own
// {"id", "do": "update", "frame", "card"}                         after a button was pressed
// {"id", "do": "welcome", "frame", "text"}
// {"id", "do": "send_file", "chat", "kind", "name", "content"}    content in base64
// {"id", "do": "download", "url", "aeskey"}

import { createInterface } from "node:readline";

import { WSClient } from "@wecom/aibot-node-sdk";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const heard = [
  "authenticated",
  "message.text",
  "message.voice",
  "message.file",
  "event.enter_chat",
  "event.template_card_event",
  "event.disconnected_event",
];

let client;

function tell(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function connect({ url, bot, secret }) {
  client = new WSClient({
    botId: bot,
    secret,
    wsUrl: url,
    logger: silent,
    heartbeatInterval: 200,
    reconnectInterval: 50,
  });
  for (const name of heard) client.on(name, (frame) => tell({ heard: name, frame: frame ?? null }));
  client.on("disconnected", () => tell({ heard: "disconnected" }));
  client.on("error", (error) => tell({ heard: "error", words: String(error.message) }));
  client.connect();
}

async function sendFile({ chat, kind, name, content }) {
  const made = await client.uploadMedia(Buffer.from(content, "base64"), {
    type: kind,
    filename: name,
  });
  await client.sendMediaMessage(chat, kind, made.media_id);
  return made;
}

async function download({ url, aeskey }) {
  const { buffer, filename } = await client.downloadFile(url, aeskey);
  return { content: buffer.toString("base64"), name: filename ?? "" };
}

const acts = {
  stream: (o) => client.replyStream(o.frame, o.stream, o.content, o.finish),
  push: (o) => client.sendMessage(o.chat, o.body),
  update: (o) => client.updateTemplateCard(o.frame, o.card),
  welcome: (o) => client.replyWelcome(o.frame, { msgtype: "text", text: { content: o.text } }),
  send_file: sendFile,
  download,
};

async function obey(order) {
  if (order.do === "connect") return connect(order);
  try {
    tell({ id: order.id, answer: await acts[order.do](order) });
  } catch (error) {
    tell({ id: order.id, code: error.errcode ?? -1, words: String(error.message ?? "") });
  }
}

createInterface({ input: process.stdin }).on("line", (text) => obey(JSON.parse(text)));
