// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.service.AbstractAiServicesWithToolErrorHandlerTest;
import dev.langchain4j.service.AiServices;

/** LangChain4j's tests of tools that fail. Their model is a mock: the services are tested, in the JVM that we use. */
class ToolErrorHandlerTest extends AbstractAiServicesWithToolErrorHandlerTest {
    static class Failing {
        private final RuntimeException cause;

        Failing(RuntimeException cause) {
            this.cause = cause;
        }

        @Tool
        String getWeatherThrowingException(@P(name = "arg0") String ignored) {
            throw cause;
        }
    }

    static class FailingInSilence {
        private final RuntimeException cause;

        FailingInSilence(RuntimeException cause) {
            this.cause = cause;
        }

        @Tool
        String getWeatherThrowingExceptionWithoutMessage(@P(name = "arg0") String ignored) {
            throw cause;
        }
    }

    static class Weather {
        @Tool
        String getWeather(@P(name = "arg0") String ignored) {
            return "sunny";
        }
    }

    static class Images {
        @Tool
        String getImage() {
            throw new IllegalStateException("Unsupported content type: \"image\"");
        }
    }

    @Override
    protected void configureGetWeatherThrowingExceptionTool(RuntimeException e, AiServices<?> services) {
        services.tools(new Failing(e));
    }

    @Override
    protected void configureGetWeatherThrowingExceptionWithoutMessageTool(RuntimeException e, AiServices<?> services) {
        services.tools(new FailingInSilence(e));
    }

    @Override
    protected void configureGetWeatherTool(AiServices<?> services) {
        services.tools(new Weather());
    }

    @Override
    protected void configureGetImageTool(AiServices<?> services) {
        services.tools(new Images());
    }
}
