"""Checks the runner itself: reading of case files, order of lists, comparison of numbers and errors."""

import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import case_file  # noqa: E402
import check  # noqa: E402
import compare  # noqa: E402
import rules  # noqa: E402
from request_shape import shape_of  # noqa: E402


def difference(request, expected, actual):
    shape = shape_of(request)
    return compare.difference(compare.canonical(compare.parse(expected), shape), compare.canonical(compare.parse(actual), shape))


class CaseFiles(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".gqltest") as file:
            file.write(text)
            file.flush()
            return case_file.read(file.name)

    def test_reads_setup_cases_and_steps(self):
        file = self.read('--- setup\nsets = ["a"]\n\n=== one\n--- rule 8.3 x\n--- request\n{ a }\n--- expect\n{}\n--- request GET\n{ b }\n--- error\nno\n')
        self.assertEqual(file.setup, {"sets": ["a"]})
        self.assertEqual([s.head.body for s in file.cases[0].steps], ["{ a }", "{ b }"])
        self.assertEqual(file.cases[0].rules, ["8.3 x"])

    def test_refuses_what_it_does_not_know(self):
        for text in ("=== one\n--- request\n{ a }\n--- expected\n{}\n", "=== one\n--- expect\n{}\n", "=== A b\n--- request\nx\n",
                     "=== a\n--- request\nx\n=== a\n--- request\nx\n", "=== a\n--- request\nx\n--- variables\n{\n"):
            with self.assertRaises(case_file.FormatError):
                self.read(text)

    def test_every_tag_names_a_rule(self):
        known = {rules.tag_of(section, rule) for _, section, rule, _ in rules.document_rules(rules.DOCUMENT.read_text().splitlines())}
        self.assertEqual(sorted(set(rules.cases_by_rule()) - known), [])


class Comparison(unittest.TestCase):
    def test_lists_without_order_are_multisets(self):
        self.assertEqual(difference("{ a { id } }", '{"a": [{"id": 1}, {"id": 2}]}', '{"a": [{"id": 2}, {"id": 1}]}'), "")
        self.assertNotEqual(difference("{ a { id } }", '{"a": [{"id": 1}, {"id": 1}]}', '{"a": [{"id": 1}]}'), "")

    def test_ordered_lists_and_scalar_lists_keep_their_order(self):
        for request, key in (('{ a(order_by: {field: "id"}) { id } }', "a"), ("{ ...f } fragment f on Q { a(nested_order_by: []) { id } }", "a")):
            self.assertNotEqual(difference(request, f'{{"{key}": [{{"id": 1}}, {{"id": 2}}]}}', f'{{"{key}": [{{"id": 2}}, {{"id": 1}}]}}'), "")
        self.assertNotEqual(difference("{ a }", '{"a": [1, 2]}', '{"a": [2, 1]}'), "")

    def test_numbers_by_value_and_shortest_text(self):
        self.assertEqual(difference("{ a }", '{"a": 1e2}', '{"a": 100}'), "")
        self.assertEqual(difference("{ a }", '{"a": 12.5}', '{"a": 1.25e1}'), "")
        self.assertNotEqual(difference("{ a }", '{"a": 12.5}', '{"a": 12.50}'), "")
        self.assertNotEqual(difference("{ a }", '{"a": 100}', '{"a": 100.0}'), "")
        self.assertNotEqual(difference("{ a }", '{"a": 9007199254740993}', '{"a": 9007199254740992}'), "")

    def test_key_order_counts(self):
        self.assertNotEqual(difference("{ a b }", '{"a": 1, "b": 2}', '{"b": 2, "a": 1}'), "")

    def test_nan_is_no_json(self):
        with self.assertRaises(ValueError):
            compare.parse('{"a": NaN}')

    def test_error_lines(self):
        error = compare.parse('{"message": "no", "locations": [{"line": 1, "column": 3}]}')
        self.assertTrue(check.error_fits("1:3 no", error))
        self.assertTrue(check.error_fits("1:3 ~ ^n", error))
        self.assertTrue(check.error_fits("no", error))
        self.assertFalse(check.error_fits("1:4 no", error))
        self.assertFalse(check.error_fits("- no", error))
        self.assertFalse(check.error_fits("no", compare.parse('{"message": "no", "path": []}')))

    def test_subsets(self):
        self.assertEqual(compare.missing(compare.parse('{"a": [{"b": 1}]}'), compare.parse('{"a": [{"b": 2}, {"b": 1, "c": 3}]}')), "")
        self.assertNotEqual(compare.missing(compare.parse('{"a": [{"b": 3}]}'), compare.parse('{"a": [{"b": 2}]}')), "")


if __name__ == "__main__":
    unittest.main()
