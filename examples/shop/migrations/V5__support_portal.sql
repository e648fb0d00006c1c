-- The support portal reads orders with a role of its own.

CREATE ROLE shop_support NOLOGIN;

CREATE VIEW support_orders AS
SELECT o.id, o.status, o.total, o.placed_at, c.email, c.full_name
FROM orders o
JOIN customers c ON c.id = o.customer_id;

GRANT SELECT ON support_orders TO shop_support;
GRANT ALL ON reviews TO PUBLIC;

CREATE POLICY support_reads_recent ON orders
    FOR SELECT TO shop_support
    USING (placed_at > now() - interval '90 days');

CREATE FUNCTION cancel_order(wanted integer) RETURNS void
LANGUAGE sql SECURITY DEFINER
AS $$
    UPDATE orders SET status = 'cancelled' WHERE id = wanted;
$$;

CREATE FUNCTION touch_product() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

ALTER TABLE products ADD COLUMN updated_at timestamptz NOT NULL DEFAULT clock_timestamp();

CREATE TRIGGER products_touch BEFORE UPDATE ON products
    FOR EACH ROW EXECUTE FUNCTION touch_product();
