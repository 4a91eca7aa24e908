// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train.stories;

/**
 * A person, an animal, a thing or a place of one story.
 *
 * @param reference how the story speaks of it: a name, "the fox", or the bare noun of a thing or place
 * @param noun what it is
 * @param quality an adjective that stays with it; may be empty
 * @param gender 'f', 'm', or 'n' for what has none
 * @param remark of the word list: the parent of a young animal, the preposition of a place
 */
record Member(String reference, String noun, String quality, char gender, String remark) {
    /** One of its forms; see {@link Teller}. */
    String form(String name) {
        return switch (name) {
            case "" -> reference;
            case "kind" -> noun;
            case "a" -> quality.isEmpty() ? noun : quality + " " + noun;
            case "trait" -> quality;
            case "he" -> pronoun("she", "he", "it");
            case "him" -> pronoun("her", "him", "it");
            case "his" -> pronoun("her", "his", "its");
            case "self" -> pronoun("herself", "himself", "itself");
            case "at" -> remark + " the " + noun;
            case "to" -> (remark.equals("in") ? "into" : "to") + " the " + noun;
            case "remark" -> remark;
            case "plural" -> English.plural(noun);
            case "past" -> English.past(noun);
            case "ing" -> English.ing(noun);
            default -> throw new IllegalArgumentException("stories: no form " + name + " of " + reference);
        };
    }

    /**
     * Whether a form can be told with the quality: "the old owl" for "the owl", "in the old mill" for "in the mill".
     */
    boolean canBeQualified(String form) {
        boolean nameless = reference.equals(noun) || reference.equals("the " + noun);
        return !quality.isEmpty() && nameless && (form.isEmpty() || form.equals("at") || form.equals("to"));
    }

    /** Such a form. */
    String qualified(String form) {
        String plain = form(form);
        return plain.substring(0, plain.length() - noun.length()) + quality + " " + noun;
    }

    private String pronoun(String female, String male, String neuter) {
        return gender == 'f' ? female : gender == 'm' ? male : neuter;
    }
}
