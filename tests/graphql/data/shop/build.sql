CREATE TYPE order_status AS ENUM ('open', 'paid', 'sent', 'lost');
CREATE TABLE addresses (id INTEGER PRIMARY KEY, city VARCHAR, country VARCHAR);
INSERT INTO addresses VALUES (1, 'Bergen', 'NO'), (2, 'Berlin', 'DE'), (3, 'Porto', 'PT'), (4, NULL, 'DE');
CREATE TABLE countries (code VARCHAR PRIMARY KEY, "full name" VARCHAR NOT NULL);
INSERT INTO countries VALUES ('NO', 'Norway'), ('DE', 'Germany'), ('IS', 'Iceland');
CREATE TABLE vat_rates (country VARCHAR PRIMARY KEY, rate DECIMAL(5, 3));
INSERT INTO vat_rates VALUES ('NO', 25.000), ('DE', 19.000), ('PT', 23.500);
CREATE TABLE customers (id BIGINT PRIMARY KEY, email VARCHAR UNIQUE, first_name VARCHAR, last_name VARCHAR,
  bill_to INTEGER, ship_to INTEGER);
INSERT INTO customers VALUES
  (9007199254740993, 'big@example.org', 'Big', 'Number', 1, 2),
  (1, 'a@example.org', 'Ann', 'Lee', 1, 1),
  (2, 'b@example.org', 'Ann', 'Ray', 2, NULL),
  (3, NULL, 'Cy', 'Lee', NULL, 3),
  (4, 'd"q''@example.org', 'Dé', 'O''Hara', 3, 4);
CREATE TABLE orders (region VARCHAR, number INTEGER, customer_id BIGINT, status order_status, placed TIMESTAMP,
  PRIMARY KEY (region, number));
INSERT INTO orders VALUES
  ('n', 1, 1, 'open', '2024-01-15 08:30:00'), ('n', 2, 1, 'paid', '2024-01-20 23:59:59.999999'),
  ('s', 1, 2, 'sent', '2024-02-01 00:00:00'), ('s', 2, 9007199254740993, 'open', '2024-02-29 12:00:00'),
  ('s', 3, NULL, NULL, NULL), ('n', 3, 4, 'lost', '2023-11-05 01:15:00');
CREATE TABLE order_lines (region VARCHAR, number INTEGER, line INTEGER, sku VARCHAR, qty INTEGER, unit_price DECIMAL(18, 4),
  PRIMARY KEY (region, number, line));
INSERT INTO order_lines VALUES
  ('n', 1, 1, 'oar', 2, 12.5000), ('n', 1, 2, 'net', 1, 100.2500), ('n', 2, 1, 'oar', 10, 11.9999),
  ('s', 1, 1, 'buoy', 3, 7.0000), ('s', 1, 2, 'net', 1, 99.9999), ('s', 1, 3, 'oar', 1, NULL),
  ('s', 2, 1, 'ghost', 5, 0.0001), ('x', 9, 1, 'oar', 1, 1.0000), ('n', 3, 1, NULL, 1, 99999999999999.9999);
CREATE TABLE products (sku VARCHAR PRIMARY KEY, label VARCHAR NOT NULL, origin VARCHAR, weight_g INTEGER);
INSERT INTO products VALUES ('oar', 'Oar', 'NO', 2500), ('net', 'Net', 'PT', 1200), ('buoy', 'Buoy', 'DE', NULL), ('sail', 'Sail', NULL, 9000);
CREATE TABLE notes ("at" TIMESTAMP, body VARCHAR);
INSERT INTO notes VALUES ('2024-01-01 00:00:00', 'first'), ('2024-01-02 00:00:00', 'second'), (NULL, NULL);
CREATE SCHEMA audit;
CREATE TABLE audit.entries (id INTEGER PRIMARY KEY, what VARCHAR);
INSERT INTO audit.entries VALUES (1, 'created'), (2, 'changed');
CREATE VIEW german_customers AS
  SELECT c.id, c.email FROM customers c JOIN addresses a ON a.id = c.bill_to WHERE a.country = 'DE';
