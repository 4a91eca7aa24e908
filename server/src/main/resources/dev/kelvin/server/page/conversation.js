// SPDX-License-Identifier: Apache-2.0
// A conversation is a tree of turns: whatever is edited, made anew or continued otherwise stands beside what was there
// before. Pure functions but for the ids they make.
//
// A turn is {id, parent, number, role, text, …}; the role is user or model. Turns of the model have `pieces` (see stream.js), `promptIds`, `settings`,
// `seed` and `finish` as well.

/** A conversation without a turn. */
export function begun(chat) {
  return { id: crypto.randomUUID(), chat, created: Date.now(), changed: Date.now(), made: 0, turns: {}, last: null };
}

/** Appends a turn after another, and makes it the last one of the path that is shown. */
export function append(conversation, parent, turn) {
  const id = crypto.randomUUID();
  const made = { ...turn, id, parent, number: conversation.made++ };
  conversation.turns[id] = made;
  conversation.last = id;
  conversation.changed = Date.now();
  return made;
}

/** The turns that are shown, first to last. */
export function path(conversation, last = conversation.last) {
  const turns = [];
  for (let id = last; id; id = conversation.turns[id].parent) {
    turns.unshift(conversation.turns[id]);
  }
  return turns;
}

/** The turns that stand at the same place, in the order in which they were made. */
export function versions(conversation, turn) {
  return Object.values(conversation.turns)
    .filter((other) => other.parent === turn.parent)
    .sort((a, b) => a.number - b.number);
}

/** Shows a turn, and of what follows it the newest. */
export function show(conversation, turn) {
  let last = turn;
  for (let next = turn; next; ) {
    last = next;
    next = Object.values(conversation.turns)
      .filter((other) => other.parent === last.id)
      .sort((a, b) => b.number - a.number)[0];
  }
  conversation.last = last.id;
}

/** The text of a turn as it goes to the model. */
export function textOf(turn) {
  return turn.role === "user" ? turn.text : said(turn, "content");
}

/** One part of an answer. */
export function said(turn, part) {
  return turn.pieces
    .filter((piece) => piece.part === part)
    .map((piece) => piece.text)
    .join("");
}

/** The ids of the first pieces of an answer; all without a number. */
export function idsOf(turn, count = turn.pieces.length) {
  return turn.pieces.slice(0, count).flatMap((piece) => piece.ids);
}

/** The first words, to find it again in a list: of a chat those of the user, of a story all. */
export function titleOf(conversation) {
  const turns = path(conversation);
  const text = (conversation.chat ? turns.slice(0, 1) : turns).map(textOf).join("");
  const characters = [...text.trim().replace(/\s+/g, " ")];
  return characters.length > 80 ? characters.slice(0, 80).join("") + "…" : characters.join("");
}
