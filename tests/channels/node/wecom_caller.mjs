// WeCom's server of callbacks, made with its official crypto: orders come as JSON lines on stdin,
// one JSON line tells of each when it is finished.
//
// {"do": "configure", "url", "token", "aes_key", "corp_id", "agent_id", "seconds",
//  "verify_seconds", "tries", "pause"}
// {"id", "do": "verify"}             GET with an echostr, to be answered with its text within 1 s
// {"id", "do": "post", "xml"}        POST, repeated unless it is answered 200 within 5 s
//   both: "forged", "delay", "age", "receive_id", "aes_key"; post: "replays"
// {"id", "do": "open", "token", "aes_key", "timestamp", "nonce", "encrypt"}  what is in a ciphertext

import { randomInt } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { decrypt, encrypt, getSignature } from "@wecom/crypto";

let line = {};

function sealed(text, order) {
  const encrypted = encrypt(
    order.aes_key ?? line.aes_key,
    text,
    order.receive_id ?? line.corp_id,
  );
  const timestamp = String(Math.floor(Date.now() / 1000) - (order.age ?? 0));
  const nonce = String(randomInt(10 ** 10));
  const token = order.forged ? `not-${line.token}` : line.token;
  const signature = getSignature(token, timestamp, nonce, encrypted);
  return { encrypted, query: { msg_signature: signature, timestamp, nonce } };
}

function call(method, query, body, seconds) {
  const url = new URL(line.url);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const { request } = url.protocol === "https:" ? https : http;
  const headers = body === null ? {} : { "Content-Type": "text/xml" };
  return new Promise((done) => {
    const asked = request(url, { method, headers, agent: false }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", () => finish(null, ""));
      answer.on("end", () => finish(answer.statusCode, Buffer.concat(parts).toString()));
    });
    const timer = setTimeout(() => finish(null, ""), seconds * 1000);
    function finish(status, text) {
      clearTimeout(timer);
      asked.destroy();
      done({ status, text });
    }
    asked.on("error", () => finish(null, ""));
    asked.end(body ?? undefined);
  });
}

function post(request) {
  const body =
    `<xml><ToUserName><![CDATA[${line.corp_id}]]></ToUserName>` +
    `<AgentID><![CDATA[${line.agent_id}]]></AgentID>` +
    `<Encrypt><![CDATA[${request.encrypted}]]></Encrypt></xml>`;
  return call("POST", request.query, body, line.seconds);
}

async function verify(order) {
  const echo = String(randomInt(10 ** 14)).padStart(19, "7");
  const request = sealed(echo, order);
  const query = { ...request.query, echostr: request.encrypted };
  const began = performance.now();
  const { status, text } = await call("GET", query, null, line.verify_seconds);
  const milliseconds = performance.now() - began;
  const right = status === 200 && text === echo;
  return { statuses: [status], milliseconds, body: text, right, replayed: [] };
}

async function deliver(order) {
  const statuses = [];
  let began, request, answer;
  do {
    if (statuses.length > 0) await sleep(line.pause * 1000);
    request = sealed(order.xml, order);
    began = performance.now();
    answer = await post(request);
    statuses.push(answer.status);
  } while (statuses.length < line.tries && answer.status !== 200);
  const milliseconds = performance.now() - began;
  const replayed = [];
  while (replayed.length < (order.replays ?? 0)) replayed.push((await post(request)).status);
  return { statuses, milliseconds, body: answer.text, right: answer.status === 200, replayed };
}

function open({ token, aes_key, timestamp, nonce, encrypt: encrypted }) {
  const { message, id } = decrypt(aes_key, encrypted);
  return { message, receive_id: id, signature: getSignature(token, timestamp, nonce, encrypted) };
}

const acts = { verify, post: deliver, open };

async function obey(order) {
  if (order.do === "configure") {
    line = order;
    return;
  }
  await sleep((order.delay ?? 0) * 1000);
  const outcome = await acts[order.do](order);
  process.stdout.write(`${JSON.stringify({ id: order.id, ...outcome })}\n`);
}

createInterface({ input: process.stdin }).on("line", (text) => {
  obey(JSON.parse(text)).catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
});
