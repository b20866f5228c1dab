package main

// realHost is a host of other people's making, as testdata/hosts has it: where its
// program is, what lies in its files before valetkey is installed, and what its
// person types. AT_MODEL stands for the address of its model.
type realHost struct {
	// name is the one that valetkey install knows it by.
	name string
	// pkg is its package, as npm has installed it, and program the path in there.
	pkg, program string
	// files are its settings by their path in the home directory, and servers is
	// the one with its list of servers.
	files   map[string]string
	servers string
	env     []string
	// list lists its servers, and listed is what it says about valetkey.
	list   []string
	listed string
	// ask hands a question to the model without a person.
	ask []string
	// firstCall is what comes of the first call, to which all hosts answer
	// for themselves where valetkey asks a question.
	firstCall string
	// leave lets the model change something without the host's own question.
	leave []string
	// agrees is what comes of a change that its person has to agree to first: no
	// host sends one of these where nobody is in front of it.
	agrees string
	// drops are those of the host's own variables that valetkey is not given.
	drops []string
}

const theQuestion = "Who am I on GitHub?"

// ownVariables are what every host is started with, beside HOME, PATH, TMPDIR and
// what leads to its model. Some are there to see what becomes of them.
func ownVariables() []string {
	return []string{
		"TERM=xterm-256color", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC", "USER=someone", "LOGNAME=someone", "SHELL=/bin/sh",
		"DISPLAY=:99",
		"EXAMPLE_PLAIN=1",
		"EXAMPLE_API_KEY=example",
		"EXAMPLE_VALUE=ghp_exampleexampleexampleexampleexample0",
		"VALET_MAX_TOKENS=7000",
		// Nothing of these leaves the machine in any case.
		"DO_NOT_TRACK=1", "DISABLE_TELEMETRY=1", "DISABLE_AUTOUPDATER=1",
	}
}

func realHosts() []realHost {
	return []realHost{
		{
			name: "claude-code", pkg: "@anthropic-ai/claude-code-linux-x64", program: "claude",
			servers: ".claude.json",
			files:   map[string]string{".claude.json": `{"numStartups":1}`},
			env:     []string{"ANTHROPIC_BASE_URL=AT_MODEL", "ANTHROPIC_API_KEY=sk-example", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "ENABLE_TOOL_SEARCH=false"},
			list:    []string{"mcp", "list"},
			listed:  "✔ Connected",
			// It cancels the question and calls again.
			ask: []string{"-p", theQuestion, "--allowedTools", "mcp__valetkey__github_whoami"}, firstCall: asWords, agrees: asCancelled,
		},
		{
			name: "codex", pkg: "@openai/codex-linux-x64", program: "vendor/x86_64-unknown-linux-musl/bin/codex",
			servers: ".codex/config.toml",
			files: map[string]string{".codex/config.toml": `model = "practice"
model_provider = "practice"

[model_providers.practice]
name = "practice"
base_url = "AT_MODEL/v1"
wire_api = "responses"
`},
			list:   []string{"mcp", "list"},
			listed: "enabled",
			// It declines the question by itself.
			ask: []string{"exec", "--skip-git-repo-check", theQuestion}, firstCall: asDeclined, agrees: asDeclined,
			leave: []string{"-c", `mcp_servers.valetkey.default_tools_approval_mode="approve"`},
			drops: []string{"DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY", "DO_NOT_TRACK", "EXAMPLE_API_KEY", "EXAMPLE_PLAIN", "EXAMPLE_VALUE", "VALET_MAX_TOKENS"},
		},
		{
			name: "gemini", pkg: "@google/gemini-cli", program: "bundle/gemini.js",
			servers: ".gemini/settings.json",
			files:   map[string]string{".gemini/settings.json": `{"security":{"auth":{"selectedType":"gemini-api-key"}},"privacy":{"usageStatisticsEnabled":false},"general":{"enableAutoUpdate":false}}`},
			env:     []string{"GOOGLE_GEMINI_BASE_URL=AT_MODEL", "GEMINI_API_KEY=example", "GEMINI_CLI_TRUST_WORKSPACE=true"},
			list:    []string{"mcp", "list"},
			listed:  "Connected",
			ask:     []string{"-m", "gemini-2.5-flash", "--allowed-mcp-server-names", "valetkey", "--yolo", "-p", theQuestion}, firstCall: asWords, agrees: cantAsk,
			drops: []string{"EXAMPLE_API_KEY", "EXAMPLE_VALUE", "GEMINI_API_KEY", "VALET_MAX_TOKENS"},
		},
		{
			name: "opencode", pkg: "opencode-linux-x64-baseline", program: "bin/opencode",
			servers: ".config/opencode/opencode.json",
			files: map[string]string{".config/opencode/opencode.json": `{"autoupdate":false,"share":"disabled","model":"practice/practice","small_model":"practice/practice","provider":{"practice":{` +
				`"npm":"@ai-sdk/openai-compatible","name":"practice","options":{"baseURL":"AT_MODEL/v1","apiKey":"example"},"models":{"practice":{"name":"practice"}}}}}`},
			env:    []string{"OPENCODE_DISABLE_MODELS_FETCH=1", "OPENCODE_DISABLE_AUTOUPDATE=1"},
			list:   []string{"mcp", "list"},
			listed: "connected",
			ask:    []string{"run", theQuestion}, firstCall: asWords, agrees: cantAsk,
		},
		{
			name: "cline", pkg: "@cline/cli-linux-x64", program: "bin/cline",
			servers: ".cline/data/settings/cline_mcp_settings.json",
			files: map[string]string{
				".cline/data/settings/cline_mcp_settings.json": `{}`,
				".cline/data/settings/providers.json": `{"version":1,"lastUsedProvider":"openai-compatible","modes":{},"providers":{"openai-compatible":{"settings":` +
					`{"provider":"openai-compatible","apiKey":"example","model":"practice","baseUrl":"AT_MODEL/v1"},"updatedAt":"2026-01-01T00:00:00.000Z","tokenSource":"manual"}}}`,
			},
			list:   []string{"config", "mcp"},
			listed: "valetkey [stdio]",
			ask:    []string{"-P", "openai-compatible", "-m", "practice", theQuestion}, firstCall: asWords, agrees: cantAsk,
		},
	}
}
