// Renders the templates of a chart with the standard library alone: render VALUES.json RELEASE TEMPLATE...
// The chart uses nothing else of Helm than .Values, .Release.Name and quote.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"text/template"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	fail(err)
	var values map[string]any
	fail(json.Unmarshal(text, &values))
	data := map[string]any{"Values": values, "Release": map[string]any{"Name": os.Args[2]}}
	functions := template.FuncMap{"quote": func(value any) string { return strconv.Quote(fmt.Sprint(value)) }}
	for _, path := range os.Args[3:] {
		text, err := os.ReadFile(path)
		fail(err)
		chart, err := template.New(path).Option("missingkey=error").Funcs(functions).Parse(string(text))
		fail(err)
		fmt.Println("---")
		fail(chart.Execute(os.Stdout, data))
	}
}
