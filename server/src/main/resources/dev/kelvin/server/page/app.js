// SPDX-License-Identifier: Apache-2.0
// The page: a conversation with the model that is served, and the laboratory beside it.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import * as tree from "./conversation.js";
import { element, icon, say } from "./dom.js";
import { quoted } from "./format.js";
import { Laboratory } from "./laboratory.js";
import { Settings } from "./settings.js";
import { Sidebar } from "./sidebar.js";
import * as storage from "./storage.js";
import { Thread } from "./thread.js";

const BEGINNINGS = ["Once upon a time, there was a", "The little dragon", "One rainy day, Mia found a"];
const TYPING_PAUSE = 250; // ms
const KEEPING_PAUSE = 1000; // ms

let model = { name: "", chats: false };
let conversations = [];
let current = null;

/** The answer that is being written: {turn, stop}. */
let running = null;

/** What the laboratory shows: {turn, piece}, or null for what comes next. */
let selection = null;
let asking = new AbortController();

const thread = new Thread(document.getElementById("thread"), {
  edit: (turn, text) => send(text, turn.parent),
  again: (turn) => answer(tree.append(current, turn.parent, blankAnswer())),
  goOn: (turn) => answer(turn),
  show(turn) {
    tree.show(current, turn);
    keep();
    look(null);
    draw();
  },
  inspect(turnId, piece, focus = false) {
    openLaboratory(true);
    look({ turn: current.turns[turnId], piece }, focus);
  },
});
const laboratory = new Laboratory(document.getElementById("laboratory"), {
  step,
  close: () => openLaboratory(false),
  take,
});
const composer = new Composer({
  send(text) {
    const last = tree.path(current).at(-1);
    composer.text = "";
    if (text.trim()) {
      send(text, current.last);
    } else if (last) {
      answer(last);
    }
  },
  stop: () => running?.stop.abort(),
  typed: () => {
    if (!model.chats) {
      select(null);
      comeNext(TYPING_PAUSE);
    }
  },
});
const sidebar = new Sidebar({ begin, open, remove });
const lookButton = document.getElementById("look");
let settings;

async function start() {
  api.whenKeyIsMissing(askForKey);
  lookButton.append(icon("thermometer"));
  lookButton.addEventListener("click", () => openLaboratory(lookButton.getAttribute("aria-pressed") !== "true"));
  conversations = await storage.conversations();
  try {
    model = await api.model();
  } catch (e) {
    thread.invite(element("h2", {}, "No answer from the server"), element("p", {}, e.message));
    return;
  }
  document.getElementById("model").textContent = model.name;
  settings = new Settings(model.chats, () => comeNext(TYPING_PAUSE));
  openLaboratory(storage.remembered("laboratory") !== "closed");
  if (conversations.length > 0) {
    open(conversations[0]);
  } else {
    begin();
  }
}

function begin() {
  running?.stop.abort();
  current = tree.begun(model.chats);
  composer.text = model.chats ? "" : BEGINNINGS[0];
  look(null);
  draw();
  composer.focus();
}

function open(conversation) {
  if (conversation !== current) {
    running?.stop.abort();
  }
  current = conversation;
  composer.text = "";
  look(null);
  draw();
  thread.toEnd();
}

function remove(conversation) {
  const place = conversations.indexOf(conversation);
  conversations.splice(place, 1);
  storage.forget(conversation.id);
  if (conversation === current) {
    begin();
  } else {
    draw();
  }
  offerUndo(() => {
    conversations.splice(place, 0, conversation);
    storage.keep(conversation);
    open(conversation);
  });
}

/** Shows what is current in every view. */
function draw() {
  const turns = tree.path(current);
  if (turns.length > 0) {
    thread.show(current, turns, running?.turn.id);
    thread.select(selection?.turn.id, selection?.piece);
  } else {
    welcome();
  }
  sidebar.show(conversations, current);
  document.getElementById("title").textContent = tree.titleOf(current) || (model.chats ? "New conversation" : "New story");
  document.title = tree.titleOf(current) ? `${tree.titleOf(current)} – Kelvin` : "Kelvin";
  ask(turns.at(-1));
}

function welcome() {
  if (current.chat) {
    thread.invite(element("h2", {}, "What is on your mind?"), element("p", {}, `${model.name} runs on this machine.`));
    return;
  }
  const buttons = BEGINNINGS.map((text) => {
    const use = () => {
      composer.text = text;
      composer.focus();
      comeNext(0);
    };
    return element("button", { type: "button", class: "beginning", onclick: use }, `${text} …`);
  });
  thread.invite(
    element("h2", {}, "How does the story begin?"),
    element("p", {}, "Write its first words. The model goes on, and every word tells what else it might have been."),
    element("div", { class: "beginnings" }, ...buttons),
  );
}

function ask(last) {
  const mayGoOn = !current.chat && last?.role === "model" && last.finish !== "stop" && last.pieces.length > 0;
  composer.ask({
    label: current.chat ? "Message" : "Text to go on from",
    placeholder: current.chat ? "Message" : !last ? "Once upon a time" : mayGoOn ? "Add words, or leave it empty to go on" : "Add words to go on from",
    hint: "",
    verb: current.chat ? "Send" : "Continue",
    mayBeEmpty: mayGoOn,
  });
}

// Answers

function blankAnswer() {
  const { seed, ...values } = settings.values;
  const drawn = crypto.getRandomValues(new Uint32Array(1))[0];
  return { role: "model", pieces: [], settings: structuredClone(values), seed: seed ?? drawn, finish: null };
}

function send(text, parent) {
  running?.stop.abort();
  const said = tree.append(current, parent, { role: "user", text: spaced(text, parent) });
  answer(tree.append(current, said.id, blankAnswer()));
}

/** In a story, words that are added stand apart from those before. */
function spaced(text, parent) {
  const before = parent && !current.chat ? tree.textOf(current.turns[parent]) : "";
  return before !== "" && !/\s$/.test(before) && !/^[\s.,;:!?’']/.test(text) ? ` ${text}` : text;
}

/** What a model reads before an answer: the words of a story, or the messages of a chat. */
function before(turn) {
  const turns = tree.path(current, turn.parent);
  if (!current.chat) {
    return { prompt: turns.map(tree.textOf).join("") };
  }
  const system = turn.settings.system.trim() ? [{ role: "system", content: turn.settings.system }] : [];
  const messages = turns.map((said) => ({ role: said.role === "user" ? "user" : "assistant", content: tree.textOf(said) }));
  return { messages: [...system, ...messages] };
}

/** The same as tokens, to which those of the answer can be added. They are kept with the answer. */
async function promptIdsOf(turn) {
  turn.promptIds ??= await api.promptIds(before(turn));
  return turn.promptIds;
}

/** Lets an answer be written, or go on. */
async function answer(turn) {
  running?.stop.abort();
  const conversation = current;
  const own = { turn, stop: new AbortController() };
  running = own;
  turn.finish = null;
  delete turn.error;
  if (!conversations.includes(conversation)) {
    conversations.unshift(conversation);
  }
  composer.running = true;
  select(null);
  draw();
  thread.toEnd();
  say("Writing");
  try {
    await write(conversation, own);
  } catch (e) {
    if (own.stop.signal.aborted) {
      turn.finish = "stopped";
    } else {
      turn.finish = "error";
      turn.error = e.message;
    }
  }
  if (conversation === current && turn.pieces.length > 0) {
    // Now, as the turns before it may yet be continued.
    await promptIdsOf(turn).catch(() => {});
  }
  conversation.changed = Date.now();
  storage.keep(conversation);
  if (running === own) {
    running = null;
    composer.running = false;
  }
  if (conversation === current) {
    draw();
    say(told(turn));
    comeNext(0);
  }
}

async function write(conversation, { turn, stop }) {
  const wanted = turn.pieces.length > 0 ? { prompt: [...(await promptIdsOf(turn)), ...tree.idsOf(turn)] } : before(turn);
  const asked = { model: model.name, ...wanted, settings: turn.settings, seed: turn.seed, signal: stop.signal };
  let kept = Date.now();
  for await (const { pieces, finish } of api.answer(asked)) {
    turn.finish = finish ?? turn.finish;
    for (const piece of pieces) {
      turn.pieces.push(piece);
      if (conversation === current) {
        thread.append(turn, piece);
      }
    }
    if (Date.now() - kept > KEEPING_PAUSE) {
      kept = Date.now();
      storage.keep(conversation);
    }
  }
}

function told(turn) {
  const words = tree.said(turn, "content").trim().split(/\s+/).length;
  return turn.error ? `The answer failed: ${turn.error}` : `The answer has ${words} words${turn.finish === "stopped" ? " and was stopped" : ""}.`;
}

// The laboratory

function openLaboratory(open) {
  document.body.classList.toggle("without-laboratory", !open);
  lookButton.setAttribute("aria-pressed", open);
  storage.remember("laboratory", open ? "open" : "closed");
  if (open) {
    comeNext(0);
  } else {
    lookButton.focus();
  }
}

/** Shows a token of an answer, or with null what comes next. */
function look(chosen, focus = false) {
  select(chosen);
  if (!chosen) {
    comeNext(0);
    return;
  }
  const { turn, piece } = chosen;
  const { text, ids, logProb, chosen: byHand } = turn.pieces[piece];
  const before = turn.pieces.slice(0, piece).map((earlier) => earlier.text);
  const lead = current.chat ? "" : tree.path(current, turn.parent).map(tree.textOf).join("");
  const subject = { key: `${turn.id} ${piece}`, before: tail(lead + before.join("")), token: text, id: ids[0], logProb, chosen: byHand };
  say(`${quoted(text)}, token ${piece + 1} of ${turn.pieces.length}`);
  const read = async () => ({ ids: [...(await promptIdsOf(turn)), ...tree.idsOf(turn, piece)] });
  measure({ ...subject, settings: turn.settings, seed: turn.seed }, read, 0);
  if (focus) {
    laboratory.focus();
  }
}

function select(chosen) {
  selection = chosen;
  thread.select(chosen?.turn.id, chosen?.piece);
}

/** A story's next token, while nothing else is looked at. */
function comeNext(pause) {
  if (selection || running || !current || document.body.classList.contains("without-laboratory")) {
    return;
  }
  if (current.chat) {
    asking.abort();
    laboratory.show(null);
    return;
  }
  const text = tree.path(current).map(tree.textOf).join("") + (composer.text && spaced(composer.text, current.last));
  const subject = { key: "next", before: tail(text), settings: settings.values, seed: settings.values.seed ?? 0 };
  measure(subject, async () => ({ prompt: text }), pause);
}

/** Asks for a distribution after a pause, unless something else is looked at until then. `read` gives the text before. */
async function measure(subject, read, pause) {
  asking.abort();
  const own = (asking = new AbortController());
  if (pause === 0) {
    laboratory.show(subject);
  }
  await new Promise((resolve) => setTimeout(resolve, pause));
  if (own.signal.aborted) {
    return;
  }
  try {
    const { settings, seed } = subject;
    const distribution = await api.distribution(await read(), { settings, seed, signal: own.signal });
    laboratory.show({ ...subject, distribution });
  } catch (e) {
    if (!own.signal.aborted) {
      laboratory.show(subject);
      laboratory.fail(e.message);
    }
  }
}

function tail(text) {
  const characters = [...text];
  return characters.length > 90 ? "…" + characters.slice(-90).join("") : text;
}

function step(by) {
  const { turn, piece } = selection ?? {};
  for (let next = piece + by; turn && next >= 0 && next < turn.pieces.length; next += by) {
    if (turn.pieces[next].ids.length > 0) {
      look({ turn, piece: next });
      return;
    }
  }
}

/** Continues with a token of the laboratory: beside the answer that was, or after the words that were typed. */
function take(token) {
  const piece = { text: token.text, ids: [token.id], logProb: token.logProb, part: "content", chosen: true };
  if (selection) {
    const { turn, piece: place } = selection;
    const { settings, seed, promptIds, parent } = turn;
    const kept = turn.pieces.slice(0, place);
    piece.part = turn.pieces[place].part;
    answer(tree.append(current, parent, { role: "model", pieces: [...kept, piece], settings, seed, promptIds, finish: null }));
    return;
  }
  takeNext(piece);
}

function takeNext(piece) {
  const text = composer.text;
  const last = tree.path(current).at(-1);
  composer.text = "";
  if (!text.trim() && last?.role === "model") {
    const { settings, seed, promptIds, parent } = last;
    answer(tree.append(current, parent, { role: "model", pieces: [...last.pieces, piece], settings, seed, promptIds, finish: null }));
    return;
  }
  const said = text.trim() ? tree.append(current, current.last, { role: "user", text: spaced(text, current.last) }) : last;
  answer(tree.append(current, said?.id ?? null, { ...blankAnswer(), pieces: [piece] }));
}

// What is kept, and what is asked

function keep() {
  if (conversations.includes(current)) {
    storage.keep(current);
  }
}

function offerUndo(undo) {
  const toast = document.getElementById("toast");
  const hide = () => (toast.hidden = true);
  const button = element("button", { type: "button", class: "quiet", onclick: () => (hide(), undo()) }, "Undo");
  toast.replaceChildren(element("span", {}, "Deleted."), button);
  toast.hidden = false;
  clearTimeout(offerUndo.timer);
  offerUndo.timer = setTimeout(hide, 8000);
}

function askForKey(again) {
  const dialog = document.getElementById("key");
  document.getElementById("key-wrong").hidden = !again;
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "enter" ? document.getElementById("key-text").value : null), { once: true });
  });
}

await start();
