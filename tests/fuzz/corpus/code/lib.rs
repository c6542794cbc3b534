fn a() {}
#[cfg(test)]
mod tests {
  #[test]
  #[ignore]
  fn t() { assert_eq!("/*", r#"x"#); }
}
let t = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
