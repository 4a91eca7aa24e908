// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples.boot;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

/** Answers over HTTP: whole, as they are made, and as a record. */
@RestController
class Answers {
    private final ChatClient client;

    Answers(ChatClient.Builder client) {
        this.client = client.build();
    }

    /** What a story is about. */
    record Story(Hero hero, boolean endsWell) {}

    /** Who is in it. */
    enum Hero {
        FOX,
        BIRD,
        DRAGON
    }

    /** A text. */
    @GetMapping("/chat")
    String chat(@RequestParam("message") String message) {
        return client.prompt(message).call().content();
    }

    /** The same piece by piece; whoever goes away ends it. */
    @GetMapping(path = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<String> stream(@RequestParam("message") String message) {
        return client.prompt(message).stream().content();
    }

    /** JSON of a record, whatever the model. */
    @GetMapping("/story")
    Story story(@RequestParam("message") String message) {
        return client.prompt(message).call().entity(Story.class);
    }
}
