// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import dev.kelvin.tokenizer.split.Words;
import java.util.Map;

/**
 * A word is a token or unknown.
 *
 * @param ids the tokens that text can become, by their spelling
 * @param unknownId −1 for none: what is unknown is left out then
 */
public record WordLevel(Map<String, Integer> ids, int unknownId) implements TokenModel {
    @Override
    public Words encoder(IdList list) {
        return (part, begin, end) -> {
            int id = ids.getOrDefault(part.text().substring(begin, end), unknownId);
            if (id >= 0) {
                list.add(id);
            }
        };
    }
}
