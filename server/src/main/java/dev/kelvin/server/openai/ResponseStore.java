// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.chat.Message;
import dev.kelvin.server.http.ApiException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers that were kept in memory, up to a number and to so many characters; the least recently used goes first. */
public final class ResponseStore {
    private record Kept(List<Message> history, Map<String, Object> json, long characters) {}

    private final int mostResponses;
    private final long mostCharacters;
    private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long characters;

    /** An empty store. */
    public ResponseStore(int mostResponses, long mostCharacters) {
        this.mostResponses = mostResponses;
        this.mostCharacters = mostCharacters;
    }

    /** Keeps an answer with the messages up to its own. */
    synchronized void keep(String id, List<Message> history, Message answer, Map<String, Object> json) {
        List<Message> all = new ArrayList<>(history);
        all.add(answer);
        long size = 0;
        for (Message each : all) {
            size += each.content().length() + each.reasoning().length() + 100;
            size += each.toolCalls().toString().length();
        }
        kept.put(id, new Kept(all, json, size));
        characters += size;
        Iterator<Kept> oldest = kept.values().iterator();
        while ((kept.size() > mostResponses || characters > mostCharacters) && oldest.hasNext()) {
            characters -= oldest.next().characters();
            oldest.remove();
        }
    }

    /** The messages up to an answer and with it. */
    synchronized List<Message> history(String id) throws ApiException {
        return find(id, "previous_response_not_found").history();
    }

    /** An answer as it was told. */
    synchronized Map<String, Object> json(String id) throws ApiException {
        return find(id, "response_not_found").json();
    }

    /** Forgets an answer. */
    synchronized void forget(String id) throws ApiException {
        characters -= find(id, "response_not_found").characters();
        kept.remove(id);
    }

    private Kept find(String id, String code) throws ApiException {
        Kept found = kept.get(id);
        if (found == null) {
            String shown = id.length() <= 100 ? id : id.substring(0, 100) + "...";
            throw ApiException.notFound(
                    code, "There is no response '" + shown + "': it was never kept, or not so long.");
        }
        return found;
    }
}
