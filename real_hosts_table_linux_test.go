package main

// realHost is a host of other people's making, as testdata/hosts has it: where its
// program is, what its person writes into its files and what they type. COMMAND,
// GITHUB, BUS and MODEL stand for what differs from one test to the next.
type realHost struct {
	// name is the one that valetkey install knows it by.
	name string
	// program is its path among what npm has installed; its first two parts, or
	// the first, are the package.
	pkg, program string
	// files are its settings, by their path in the home directory. ENTRY is where
	// valetkey's entry is.
	files map[string]string
	entry string
	env   []string
	// list lists its servers, and listed is what it says about valetkey.
	list   []string
	listed string
	// ask hands a question to the model without a person.
	ask []string
	// firstCall is what comes of the first call, to which all hosts answer
	// for themselves where valetkey asks a question.
	firstCall string
	// drops are those of the host's own variables that valetkey is not given.
	drops []string
}

const (
	question  = "Who am I on GitHub?"
	entryJSON = `{"command":"COMMAND","args":[],"env":{"GITHUB_CLIENT_ID":"valetkey-example-client","GITHUB_HOST":"AT_GITHUB","VALET_BROWSER":"never"}}`
)

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
			files:  map[string]string{".claude.json": `{"mcpServers":{ENTRY}}`},
			entry:  `"valetkey":` + entryJSON,
			env:    []string{"ANTHROPIC_BASE_URL=AT_MODEL", "ANTHROPIC_API_KEY=sk-example", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "ENABLE_TOOL_SEARCH=false"},
			list:   []string{"mcp", "list"},
			listed: "✔ Connected",
			// It cancels the question and calls again.
			ask: []string{"-p", question, "--allowedTools", "mcp__valetkey__github_whoami"}, firstCall: asWords,
		},
		{
			name: "codex", pkg: "@openai/codex-linux-x64", program: "vendor/x86_64-unknown-linux-musl/bin/codex",
			files: map[string]string{".codex/config.toml": `model = "practice"
model_provider = "practice"

[model_providers.practice]
name = "practice"
base_url = "AT_MODEL/v1"
wire_api = "responses"

ENTRY`},
			entry: `[mcp_servers.valetkey]
command = "COMMAND"
args = []
env = { GITHUB_CLIENT_ID = "valetkey-example-client", GITHUB_HOST = "AT_GITHUB", VALET_BROWSER = "never" }
env_vars = ["DBUS_SESSION_BUS_ADDRESS"]
`,
			list:   []string{"mcp", "list"},
			listed: "enabled",
			// It declines the question by itself.
			ask: []string{"exec", "--skip-git-repo-check", question}, firstCall: asDeclined,
			drops: []string{"DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY", "DISPLAY", "DO_NOT_TRACK", "EXAMPLE_API_KEY", "EXAMPLE_PLAIN", "EXAMPLE_VALUE", "VALET_MAX_TOKENS", "XDG_RUNTIME_DIR"},
		},
		{
			name: "gemini", pkg: "@google/gemini-cli", program: "bundle/gemini.js",
			files:  map[string]string{".gemini/settings.json": `{"security":{"auth":{"selectedType":"gemini-api-key"}},"privacy":{"usageStatisticsEnabled":false},"general":{"enableAutoUpdate":false},"mcpServers":{ENTRY}}`},
			entry:  `"valetkey":` + entryJSON,
			env:    []string{"GOOGLE_GEMINI_BASE_URL=AT_MODEL", "GEMINI_API_KEY=example", "GEMINI_CLI_TRUST_WORKSPACE=true"},
			list:   []string{"mcp", "list"},
			listed: "Connected",
			ask:    []string{"-m", "gemini-2.5-flash", "--allowed-mcp-server-names", "valetkey", "--yolo", "-p", question}, firstCall: asWords,
			drops: []string{"EXAMPLE_API_KEY", "EXAMPLE_VALUE", "GEMINI_API_KEY", "VALET_MAX_TOKENS"},
		},
		{
			name: "opencode", pkg: "opencode-linux-x64-baseline", program: "bin/opencode",
			files: map[string]string{".config/opencode/opencode.json": `{"autoupdate":false,"share":"disabled","model":"practice/practice","small_model":"practice/practice","provider":{"practice":{` +
				`"npm":"@ai-sdk/openai-compatible","name":"practice","options":{"baseURL":"AT_MODEL/v1","apiKey":"example"},"models":{"practice":{"name":"practice"}}}},"mcp":{ENTRY}}`},
			entry:  `"valetkey":{"type":"local","command":["COMMAND"],"enabled":true,"environment":{"GITHUB_CLIENT_ID":"valetkey-example-client","GITHUB_HOST":"AT_GITHUB","VALET_BROWSER":"never"}}`,
			env:    []string{"OPENCODE_DISABLE_MODELS_FETCH=1", "OPENCODE_DISABLE_AUTOUPDATE=1"},
			list:   []string{"mcp", "list"},
			listed: "connected",
			ask:    []string{"run", question}, firstCall: asWords,
		},
		{
			name: "cline", pkg: "@cline/cli-linux-x64", program: "bin/cline",
			files: map[string]string{
				".cline/data/settings/cline_mcp_settings.json": `{"mcpServers":{ENTRY}}`,
				".cline/data/settings/providers.json": `{"version":1,"lastUsedProvider":"openai-compatible","modes":{},"providers":{"openai-compatible":{"settings":` +
					`{"provider":"openai-compatible","apiKey":"example","model":"practice","baseUrl":"AT_MODEL/v1"},"updatedAt":"2026-01-01T00:00:00.000Z","tokenSource":"manual"}}}`,
			},
			entry:  `"valetkey":` + entryJSON,
			list:   []string{"config", "mcp"},
			listed: "valetkey [stdio]",
			ask:    []string{"-P", "openai-compatible", "-m", "practice", question}, firstCall: asWords,
		},
	}
}
